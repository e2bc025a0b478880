import { members, type ConfigFormat, type ConfigPlace, type Layout } from './place.js';

interface ProjectFile {
  readonly app: string;
  readonly title: string;
  readonly format: ConfigFormat;
  readonly layouts: readonly Layout[];
}

const SERVERS = [members('mcpServers')];

/** Files of a project that name servers, by path below the project's folder, with `/`. */
const PROJECT_FILES: Readonly<Record<string, ProjectFile>> = {
  '.mcp.json': { app: 'claude-code', title: 'Claude Code', format: 'jsonc', layouts: [...SERVERS, members('servers')] },
  '.vscode/mcp.json': { app: 'vscode', title: 'VS Code', format: 'jsonc', layouts: [members('servers')] },
  '.vscode/settings.json': {
    app: 'vscode',
    title: 'VS Code',
    format: 'jsonc',
    layouts: [members('mcp', 'servers'), members('amp.mcpServers')],
  },
  '.cursor/mcp.json': { app: 'cursor', title: 'Cursor', format: 'jsonc', layouts: SERVERS },
  '.gemini/settings.json': { app: 'gemini-cli', title: 'Gemini CLI', format: 'jsonc', layouts: SERVERS },
  '.codex/config.toml': {
    app: 'codex',
    title: 'Codex and ChatGPT desktop',
    format: 'toml',
    layouts: [members('mcp_servers')],
  },
  '.zed/settings.json': { app: 'zed', title: 'Zed', format: 'jsonc', layouts: [members('context_servers')] },
  '.roo/mcp.json': { app: 'roo-code', title: 'Roo Code', format: 'jsonc', layouts: SERVERS },
  '.kilocode/mcp.json': { app: 'kilo-code', title: 'Kilo Code', format: 'jsonc', layouts: SERVERS },
  '.amazonq/mcp.json': { app: 'amazon-q', title: 'Amazon Q', format: 'jsonc', layouts: SERVERS },
  '.amazonq/default.json': { app: 'amazon-q', title: 'Amazon Q', format: 'jsonc', layouts: SERVERS },
  '.kiro/settings/mcp.json': { app: 'kiro', title: 'Kiro', format: 'jsonc', layouts: SERVERS },
  '.warp/.mcp.json': { app: 'warp', title: 'Warp', format: 'jsonc', layouts: SERVERS },
  '.junie/mcp/mcp.json': { app: 'junie', title: 'JetBrains Junie', format: 'jsonc', layouts: SERVERS },
  '.qwen/settings.json': { app: 'qwen-code', title: 'Qwen Code', format: 'jsonc', layouts: SERVERS },
  '.factory/mcp.json': { app: 'factory', title: 'Factory', format: 'jsonc', layouts: SERVERS },
  '.trae/mcp.json': { app: 'trae', title: 'Trae', format: 'jsonc', layouts: SERVERS },
  '.claude-plugin/plugin.json': { app: 'claude-code', title: 'Claude Code', format: 'jsonc', layouts: SERVERS },
  'opencode.json': { app: 'opencode', title: 'OpenCode', format: 'jsonc', layouts: [members('mcp')] },
  'opencode.jsonc': { app: 'opencode', title: 'OpenCode', format: 'jsonc', layouts: [members('mcp')] },
};

const PATHS = Object.keys(PROJECT_FILES);
const LONGEST = Math.max(...PATHS.map((path) => path.split('/').length));

/** Dotted folders that may hold such a file, each with the folders in it that do. */
export const PROJECT_FOLDERS: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries(
    Object.groupBy(
      ['.continue/mcpServers/*.yaml', ...PATHS].map((path) => path.split('/')).filter(({ length }) => length > 1),
      ([folder = '']) => folder,
    ),
  ).map(([folder, paths = []]) => [folder, new Set(paths.map((names) => names[1] ?? ''))]),
);

/** The project file that a path is, seen from its last names; undefined where it is none. `names`: from the walk's start. */
export function projectPlace(file: string, names: readonly string[]): ConfigPlace | undefined {
  for (let count = Math.min(LONGEST, names.length); count > 0; count -= 1) {
    const known = PROJECT_FILES[names.slice(-count).join('/')];
    if (known) return { ...known, file, scope: 'project' };
  }
  const [above, folder, name = ''] = names.slice(-3);
  const block = above === '.continue' && folder === 'mcpServers' && /\.(ya?ml|json)$/.test(name);
  return block ? { ...CONTINUE_BLOCK, file } : undefined;
}

/** Continue reads every file of `.continue/mcpServers`; YAML reads JSON too. */
const CONTINUE_BLOCK: Omit<ConfigPlace, 'file'> = {
  app: 'continue',
  title: 'Continue',
  format: 'yaml',
  scope: 'project',
  layouts: [{ kind: 'continue' }],
};
