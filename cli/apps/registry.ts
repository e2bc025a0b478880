import type { AiApp, ConfigLocation } from './ai-app.js';
import { CLAUDE_DESKTOP } from './claude-desktop.js';
import { folderBy, joinOn, type Machine } from './machine.js';
import { VS_CODE } from './vs-code.js';

const CLAUDE_CODE: AiApp = {
  id: 'claude-code',
  title: 'Claude Code',
  format: 'json',
  key: 'mcpServers',
  typed: true,
  locations: (machine) => {
    const folder = folderBy(machine, 'CLAUDE_CONFIG_DIR', '.claude');
    const moved = folder === machine.env['CLAUDE_CONFIG_DIR'];
    return [{ file: joinOn(machine, moved ? folder : machine.home, '.claude.json'), evidence: folder }];
  },
};

const CURSOR: AiApp = {
  id: 'cursor',
  title: 'Cursor',
  format: 'jsonc',
  key: 'mcpServers',
  typed: false,
  locations: (machine) => [inHome(machine, '.cursor', 'mcp.json')],
};

/** Windsurf, and its plugin for JetBrains, which reads a file of its own. */
const WINDSURF: AiApp = {
  id: 'windsurf',
  title: 'Windsurf',
  format: 'jsonc',
  key: 'mcpServers',
  typed: false,
  locations: (machine) => {
    const plugin = joinOn(machine, machine.home, '.codeium', 'mcp_config.json');
    const editor = joinOn(machine, machine.home, '.codeium', 'windsurf');
    return [
      { file: joinOn(machine, editor, 'mcp_config.json'), evidence: editor },
      { file: plugin, evidence: plugin },
    ];
  },
};

/** Codex; the ChatGPT desktop app reads the same file. */
const CODEX: AiApp = {
  id: 'codex',
  title: 'Codex and ChatGPT desktop',
  format: 'toml',
  key: 'mcp_servers',
  typed: false,
  locations: (machine) => {
    const folder = folderBy(machine, 'CODEX_HOME', '.codex');
    return [{ file: joinOn(machine, folder, 'config.toml'), evidence: folder }];
  },
};

const GEMINI_CLI: AiApp = {
  id: 'gemini-cli',
  title: 'Gemini CLI',
  format: 'jsonc',
  key: 'mcpServers',
  typed: false,
  locations: (machine) => [inHome(machine, '.gemini', 'settings.json')],
};

/** The AI apps known here, in the order in which they are listed. */
export const AI_APPS: readonly AiApp[] = [CLAUDE_DESKTOP, CLAUDE_CODE, CURSOR, VS_CODE, WINDSURF, CODEX, GEMINI_CLI];

/** One config file of one app. */
export interface AppConfig {
  readonly app: AiApp;
  readonly file: string;
}

/** The config files of apps that have been used on this machine by this account. */
export function installedConfigs(machine: Machine, apps: readonly AiApp[] = AI_APPS): AppConfig[] {
  return apps.flatMap((app) =>
    app
      .locations(machine)
      .filter(({ file, evidence }) => machine.exists(evidence) || machine.exists(file))
      .map(({ file }) => ({ app, file })),
  );
}

/** The same, and for an app that nothing shows here the file that it usually reads. */
export function configsOf(machine: Machine, app: AiApp): AppConfig[] {
  const found = installedConfigs(machine, [app]);
  return found.length > 0 ? found : [{ app, file: app.locations(machine)[0].file }];
}

function inHome(machine: Machine, folder: string, file: string): ConfigLocation {
  const evidence = joinOn(machine, machine.home, folder);
  return { file: joinOn(machine, evidence, file), evidence };
}
