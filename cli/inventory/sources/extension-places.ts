import { CLAUDE_DESKTOP } from '../../apps/claude-desktop.js';
import { joinOn, type Machine } from '../../apps/machine.js';
import { members, type ConfigPlace } from './place.js';

/** Where editors of the VS Code family keep extensions, below home. */
const EDITOR_FOLDERS = {
  '.vscode': 'VS Code',
  '.vscode-insiders': 'VS Code Insiders',
  '.vscode-server': 'VS Code (remote)',
  '.vscode-oss': 'VSCodium',
  '.cursor': 'Cursor',
  '.windsurf': 'Windsurf',
} as const;

/** More folders of extensions than that are no person's; the rest is not looked at. */
const LIMIT = 1000;

/** Manifests of installed extensions that may bring MCP servers along. */
export function extensionPlaces(machine: Machine): ConfigPlace[] {
  return [
    ...desktopExtensions(machine),
    ...editorExtensions(machine),
    ...geminiExtensions(machine),
    ...agents(machine),
  ];
}

/** Claude Desktop: MCP bundles (`.mcpb`, earlier `.dxt`), each unpacked in a folder of its own. */
function desktopExtensions(machine: Machine): ConfigPlace[] {
  return CLAUDE_DESKTOP.locations(machine).flatMap(({ evidence }) =>
    manifestsIn(machine, joinOn(machine, evidence, 'Claude Extensions'), 'manifest.json').map((file) => ({
      app: 'claude-desktop',
      title: 'Claude Desktop',
      file,
      format: 'json',
      scope: 'extension',
      layouts: [{ kind: 'mcpb-manifest' }],
    })),
  );
}

function editorExtensions(machine: Machine): ConfigPlace[] {
  return Object.entries(EDITOR_FOLDERS).flatMap(([folder, title]) =>
    manifestsIn(machine, joinOn(machine, machine.home, folder, 'extensions'), 'package.json').map(
      (file): ConfigPlace => ({
        app: folder === '.cursor' || folder === '.windsurf' ? folder.slice(1) : 'vscode',
        title,
        file,
        format: 'json',
        scope: 'extension',
        layouts: [{ kind: 'extension-manifest' }],
      }),
    ),
  );
}

function geminiExtensions(machine: Machine): ConfigPlace[] {
  const folder = joinOn(machine, machine.home, '.gemini', 'extensions');
  return manifestsIn(machine, folder, 'gemini-extension.json').map((file) => ({
    app: 'gemini-cli',
    title: 'Gemini CLI',
    file,
    format: 'json',
    scope: 'extension',
    layouts: [members('mcpServers')],
  }));
}

/** Agents of Amazon Q and Kiro, a file each, that may name servers of their own. */
function agents(machine: Machine): ConfigPlace[] {
  const folders = [
    { app: 'amazon-q', title: 'Amazon Q', folder: joinOn(machine, machine.home, '.aws', 'amazonq', 'cli-agents') },
    { app: 'kiro', title: 'Kiro', folder: joinOn(machine, machine.home, '.kiro', 'agents') },
  ];
  return folders.flatMap(({ app, title, folder }) =>
    namesIn(machine, folder)
      .filter((name) => name.endsWith('.json'))
      .map((name) => ({
        app,
        title,
        file: joinOn(machine, folder, name),
        format: 'json',
        scope: 'user',
        layouts: [members('mcpServers')],
      })),
  );
}

function manifestsIn(machine: Machine, folder: string, name: string): string[] {
  return namesIn(machine, folder).map((extension) => joinOn(machine, folder, extension, name));
}

function namesIn(machine: Machine, folder: string): readonly string[] {
  return machine.list(folder).slice(0, LIMIT);
}
