import type { AiApp, ConfigLocation } from './ai-app.js';
import { appDataFolder, joinOn, type Machine } from './machine.js';

/**
 * VS Code: stable, Insiders and portable editions, profiles that have a `mcp.json` of their own, and the server half
 * that runs in WSL or on a remote machine and starts servers there.
 */
export const VS_CODE: AiApp = {
  id: 'vscode',
  title: 'VS Code',
  format: 'jsonc',
  key: 'servers',
  typed: true,
  locations: (machine) => {
    const [usual, ...others] = userFolders(machine);
    const profiles = [usual, ...others].flatMap((folder) => profilesIn(machine, folder));
    return [locationIn(machine, usual), ...others.map((folder) => locationIn(machine, folder)), ...profiles];
  },
};

function userFolders(machine: Machine): [string, ...string[]] {
  const { VSCODE_PORTABLE: portable } = machine.env;
  if (portable) return [joinOn(machine, portable, 'user-data', 'User')];
  const editions = ['Code', 'Code - Insiders'] as const;
  const [stable, insiders] = editions.map((name) => joinOn(machine, appDataFolder(machine), name, 'User'));
  const remotes = ['.vscode-server', '.vscode-server-insiders'].map((name) =>
    joinOn(machine, machine.home, name, 'data', 'User'),
  );
  return machine.platform === 'linux' ? [stable!, insiders!, ...remotes] : [stable!, insiders!];
}

function profilesIn(machine: Machine, folder: string): ConfigLocation[] {
  const profiles = joinOn(machine, folder, 'profiles');
  return machine.list(profiles).map((name) => {
    const file = joinOn(machine, profiles, name, 'mcp.json');
    return { file, evidence: file };
  });
}

function locationIn(machine: Machine, folder: string): ConfigLocation {
  return { file: joinOn(machine, folder, 'mcp.json'), evidence: folder };
}
