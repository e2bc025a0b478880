import type { AiApp, ConfigLocation } from './ai-app.js';
import { appDataFolder, folderBy, joinOn, type Machine } from './machine.js';

/** Claude Desktop. On Windows the store (MSIX) edition has a virtual AppData of its own, and both editions may be installed. */
export const CLAUDE_DESKTOP: AiApp = {
  id: 'claude-desktop',
  title: 'Claude Desktop',
  format: 'json',
  key: 'mcpServers',
  typed: false,
  locations: (machine) => {
    const classic = locationIn(machine, joinOn(machine, appDataFolder(machine), 'Claude'));
    if (machine.platform !== 'win32') return [classic];
    const [first, ...more] = storeFolders(machine).map((folder) => locationIn(machine, folder));
    if (!first) return [classic];
    return machine.exists(classic.evidence) ? [classic, first, ...more] : [first, ...more];
  },
};

function storeFolders(machine: Machine): string[] {
  const packages = joinOn(machine, folderBy(machine, 'LOCALAPPDATA', 'AppData', 'Local'), 'Packages');
  return machine
    .list(packages)
    .filter((name) => name.startsWith('Claude_'))
    .map((name) => joinOn(machine, packages, name, 'LocalCache', 'Roaming', 'Claude'));
}

function locationIn(machine: Machine, folder: string): ConfigLocation {
  return { file: joinOn(machine, folder, 'claude_desktop_config.json'), evidence: folder };
}
