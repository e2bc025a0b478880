import { builtExecutable } from './walk/executable.js';
import type { Played } from './walk/chapter.js';
import type { Evidence } from './walk/evidence.js';
import { table } from './walk/table.js';
import type { Stack } from './stack/stack.js';

/** Who called what, and what was decided by which policy. */
export function callTable(played: readonly Played[], evidence: Evidence): string {
  const rows = played.map(({ person, group, scene }, index) => {
    const entry = evidence.entries[index];
    const policy = entry?.policies.join(', ') ?? '';
    return [
      `${person} (${group})`,
      scene.tool,
      entry?.decision ?? '',
      policy === '' ? (scene.decidedBy ?? 'none permits it') : policy,
      entry?.id ?? '',
    ];
  });
  return table(['who', 'called', 'decision', 'policy', 'audit reference'], rows);
}

/** How a person tries it by hand while the demo stays up. */
export function byHand(stack: Stack): string {
  const executable = builtExecutable();
  const entry = { mcpServers: { 'mcp-sso': { command: executable, args: ['bridge'] } } };
  return `Try it by hand (everything listens on this computer only):

  1. Sign in:   ${executable} login --url ${stack.addresses.publicUrl}
     Choose alice, bob, carol or dave on the page that opens; there is no password.
     Without a keychain on this computer, add --credential-store file.
  2. Connect Claude Desktop:   ${executable} setup claude-desktop
     or put this into claude_desktop_config.json and restart it:

${indent(JSON.stringify(entry, null, 2), 5)}

  3. Look into the audit as dave:   ${executable} audit search --since "1 hour ago"

Control plane      ${stack.addresses.publicUrl}   (MCP at ${stack.addresses.publicUrl}/mcp)
Identity provider  ${stack.addresses.issuer}
Settings           ${stack.config}/mcp-sso.yaml
Policies           ${stack.config}/policies/company.cedar
Logs               ${stack.folder}/logs`;
}

/** Each line moved right. */
export function indent(text: string, by: number): string {
  return text.trimEnd().replaceAll(/^(?=.)/gm, ' '.repeat(by));
}
