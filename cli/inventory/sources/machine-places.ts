import { members, type ConfigPlace } from './place.js';

const CLAUDE_CODE_FOLDERS: Partial<Record<NodeJS.Platform, string>> = {
  darwin: '/Library/Application Support/ClaudeCode/',
  linux: '/etc/claude-code/',
  win32: 'C:\\Program Files\\ClaudeCode\\',
};

/** Files that an administrator put here for every account of this machine. */
export function machinePlaces(platform: NodeJS.Platform): ConfigPlace[] {
  const folder = CLAUDE_CODE_FOLDERS[platform];
  const claudeCode = ['managed-mcp.json', 'managed-settings.json'].flatMap((name): ConfigPlace[] =>
    folder === undefined
      ? []
      : [
          {
            app: 'claude-code',
            title: 'Claude Code',
            file: folder + name,
            format: 'json',
            scope: 'machine',
            layouts: [members('mcpServers'), members('managedMcpServers')],
          },
        ],
  );
  const codex: ConfigPlace[] = ['/etc/codex/config.toml', '/etc/codex/managed_config.toml'].map((file) => ({
    app: 'codex',
    title: 'Codex and ChatGPT desktop',
    file,
    format: 'toml',
    scope: 'machine',
    layouts: [members('mcp_servers')],
  }));
  return platform === 'win32' ? claudeCode : [...claudeCode, ...codex];
}
