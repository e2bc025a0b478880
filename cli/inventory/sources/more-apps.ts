import { appDataFolder, folderBy, joinOn, type Machine } from '../../apps/machine.js';
import { members, type ConfigFormat, type ConfigPlace, type Layout } from './place.js';

/** An app that `mcp-sso setup` does not write. Paths are below home unless `folder` says otherwise. */
interface MoreApp {
  readonly app: string;
  readonly title: string;
  readonly format: ConfigFormat;
  readonly layouts: readonly Layout[];
  readonly paths: readonly string[];
  /** `data`: below the folder where desktop apps keep their data; `config`: below `~/.config`, on Windows below AppData. */
  readonly folder?: 'data' | 'config';
}

const SERVERS = [members('mcpServers')];
const jsonApp = { format: 'jsonc', layouts: SERVERS } as const;

const APPS: readonly MoreApp[] = [
  {
    app: 'zed',
    title: 'Zed',
    format: 'jsonc',
    layouts: [members('context_servers')],
    folder: 'config',
    paths: ['zed/settings.json', 'Zed/settings.json'],
  },
  {
    app: 'goose',
    title: 'Goose',
    format: 'yaml',
    layouts: [members('extensions')],
    folder: 'config',
    paths: ['goose/config.yaml', 'Block/goose/config/config.yaml'],
  },
  {
    app: 'continue',
    title: 'Continue',
    format: 'yaml',
    layouts: [{ kind: 'continue' }],
    paths: ['.continue/config.yaml'],
  },
  {
    app: 'continue',
    title: 'Continue',
    format: 'jsonc',
    layouts: [{ kind: 'continue' }],
    paths: ['.continue/config.json'],
  },
  { ...jsonApp, app: 'lm-studio', title: 'LM Studio', paths: ['.lmstudio/mcp.json', '.cache/lm-studio/mcp.json'] },
  {
    ...jsonApp,
    app: 'amazon-q',
    title: 'Amazon Q',
    paths: ['.aws/amazonq/mcp.json', '.aws/amazonq/default.json', '.aws/amazonq/agents/default.json'],
  },
  { ...jsonApp, app: 'kiro', title: 'Kiro', paths: ['.kiro/settings/mcp.json'] },
  { ...jsonApp, app: 'warp', title: 'Warp', paths: ['.warp/.mcp.json'] },
  { ...jsonApp, app: 'junie', title: 'JetBrains Junie', paths: ['.junie/mcp/mcp.json'] },
  {
    app: 'copilot-jetbrains',
    title: 'GitHub Copilot for JetBrains',
    format: 'jsonc',
    folder: 'config',
    layouts: [members('servers')],
    paths: ['github-copilot/intellij/mcp.json'],
  },
  { ...jsonApp, app: 'copilot-cli', title: 'GitHub Copilot CLI', paths: ['.copilot/mcp-config.json'] },
  { ...jsonApp, app: 'antigravity', title: 'Antigravity', paths: ['.gemini/antigravity/mcp_config.json'] },
  { ...jsonApp, app: 'qwen-code', title: 'Qwen Code', paths: ['.qwen/settings.json'] },
  { ...jsonApp, app: 'factory', title: 'Factory', paths: ['.factory/mcp.json'] },
  {
    app: 'opencode',
    title: 'OpenCode',
    format: 'jsonc',
    layouts: [members('mcp')],
    folder: 'config',
    paths: ['opencode/opencode.json', 'opencode/opencode.jsonc', 'opencode/config.json'],
  },
  {
    app: 'amp',
    title: 'Amp',
    format: 'jsonc',
    layouts: [members('amp.mcpServers')],
    folder: 'config',
    paths: ['amp/settings.json'],
  },
  { ...jsonApp, app: 'trae', title: 'Trae', folder: 'data', paths: ['Trae/User/mcp.json'] },
];

/** Extensions of VS Code and its kin that keep servers of their own, in the editor's global storage. */
const EDITOR_EXTENSIONS = [
  { app: 'cline', title: 'Cline', path: 'saoudrizwan.claude-dev/settings/cline_mcp_settings.json' },
  { app: 'roo-code', title: 'Roo Code', path: 'rooveterinaryinc.roo-cline/settings/mcp_settings.json' },
  { app: 'kilo-code', title: 'Kilo Code', path: 'kilocode.kilo-code/settings/mcp_settings.json' },
] as const;

const EDITORS = ['Code', 'Code - Insiders', 'VSCodium', 'Cursor', 'Windsurf'] as const;
const REMOTE_EDITORS = ['.vscode-server', '.vscode-server-insiders', '.cursor-server', '.windsurf-server'] as const;

/** User files of apps that `mcp-sso setup` does not write. */
export function moreAppPlaces(machine: Machine): ConfigPlace[] {
  const places = APPS.flatMap(({ app, title, format, layouts, paths, folder }) =>
    paths.map((path) => ({
      app,
      title,
      format,
      layouts,
      scope: 'user' as const,
      file: joinOn(machine, folderOf(machine, folder), ...path.split('/')),
    })),
  );
  return [...places, ...editorExtensionPlaces(machine)];
}

function editorExtensionPlaces(machine: Machine): ConfigPlace[] {
  const data = EDITORS.map((editor) => joinOn(machine, appDataFolder(machine), editor, 'User'));
  const remote = REMOTE_EDITORS.map((editor) => joinOn(machine, machine.home, editor, 'data', 'User'));
  const { format, layouts } = jsonApp;
  return [...data, ...remote].flatMap((user) =>
    EDITOR_EXTENSIONS.map(({ app, title, path }) => ({
      format,
      layouts,
      app,
      title,
      scope: 'user' as const,
      file: joinOn(machine, user, 'globalStorage', ...path.split('/')),
    })),
  );
}

function folderOf(machine: Machine, folder: MoreApp['folder']): string {
  if (folder === 'data') return appDataFolder(machine);
  if (folder === undefined) return machine.home;
  return machine.platform === 'win32' ? appDataFolder(machine) : folderBy(machine, 'XDG_CONFIG_HOME', '.config');
}
