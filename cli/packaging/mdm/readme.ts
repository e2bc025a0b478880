import type { Kit, KitFile } from './kit.js';

/** What to put where, and what has been tried: nothing here claims more than a test shows. */
export function readmeFile({ origin, version, overridable }: Kit): KitFile {
  const locked = overridable
    ? 'A person may name another control plane with --url or MCP_SSO_URL.'
    : 'Nobody can name another control plane: these settings win over flags, environment and the person’s own file.';
  return { path: 'README.md', content: `${HEAD(origin, version, locked)}${TABLE}${TAIL}` };
}

const HEAD = (origin: string, version: string, locked: string): string => `# MDM kit of mcp-sso ${version}

Control plane: ${origin}. ${locked}
It holds no secret. Made by \`mcp-sso admin mdm\`; make it again instead of editing it.

`;

const TABLE = `| file | goes to | state |
| --- | --- | --- |
| \`linux/managed.json\` | \`/etc/mcp-sso/managed.json\`, folder and file of root, 0755 and 0644 | tried: the CLI obeys it |
| \`linux/build-packages.sh\` | \`sh build-packages.sh EXECUTABLE\` makes a .deb and an .rpm with executable and settings | built, installed into a folder and removed with dpkg and rpm; the call of \`setup\` not run there |
| \`linux/mcp-sso.spec\`, \`scripts/\` | of the packages | the same |
| \`macos/com.mcp-sso.bridge.mobileconfig\` | Jamf, Kandji: upload as a custom profile | parsed with libplist; reading it is tested off a Mac; not tried on one |
| \`macos/managed.json\` | without MDM profiles: \`/Library/Application Support/mcp-sso/\`, of root | as on Linux |
| \`macos/build-package.sh\`, \`scripts/\` | on a Mac: builds the package for Jamf and Kandji | checked with shellcheck; not run |
| \`macos/uninstall.sh\` | Jamf, Kandji: script, as root | checked with shellcheck; not run |
| \`windows/mcp-sso-policy.reg\` | \`reg import\`, or Intune below | parsed and merged into a hive with hivex; not tried on Windows |
| \`windows/*.cmd\`, \`detect.ps1\` | Intune Win32 app, beside the folder \`release\` | from Microsoft’s documentation; not run |
| \`claude-code/SYSTEM/managed-mcp.json\` | \`/etc/claude-code\`, \`/Library/Application Support/ClaudeCode\`, \`C:\\Program Files\\ClaudeCode\` | Linux: tried with Claude Code 2.1.330 |
| \`claude-code/SYSTEM/managed-settings.json\` | the same folders; **instead of** \`managed-mcp.json\`, with the entry of \`mcp-sso setup\` | from Anthropic’s documentation |
| \`claude-desktop/third-party-inference-only/\` | profile, registry | from Anthropic’s documentation. **Not with claude.ai accounts**: it can change the app’s mode |
| \`mcpb/SYSTEM/manifest.json\` | put the executable into \`server/\`, then \`npx @anthropic-ai/mcpb pack\` | validated and packed with mcpb 2.1.2; not loaded by Claude Desktop |
| \`vscode-copilot/managed-settings.json\` | GitHub Copilot’s enterprise settings | from GitHub’s documentation |
| \`cursor/allow-list.txt\` | team dashboard, MCP Configuration: one line each | from Cursor’s documentation |
| \`windsurf/whitelist-*.json\` | team settings, server id \`mcp-sso\` | from Windsurf’s documentation |
| \`codex/linux/requirements.toml\` | \`/etc/codex/requirements.toml\` | from OpenAI’s documentation; parsed as TOML |
| \`codex/windows/requirements.toml\` | \`%ProgramData%\\OpenAI\\Codex\\requirements.toml\` | the same |
| \`codex/macos/com.openai.codex.mobileconfig\` | Jamf, Kandji: custom profile | the same, and parsed with libplist |
`;

const TAIL = `
- **Order**: settings first, then the executable, then \`mcp-sso setup --all-users\`, which the packages run.
- **Claude Desktop** with claude.ai accounts gets its entry from \`mcp-sso setup\`, for each person.
- The lists allow one server each: they **shut out every other** MCP server. Merge them with what you allow already.
- The lists name \`/usr/local/bin/mcp-sso bridge\` and \`C:\\ProgramData\\mcp-sso\\mcp-sso.exe bridge\`; an executable elsewhere is refused by them.
`;
