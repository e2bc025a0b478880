import { existsSync, readdirSync } from 'node:fs';
import { posix, win32 } from 'node:path';

/** The computer and account whose AI apps are looked for. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute. */
  readonly home: string;
  readonly exists: (path: string) => boolean;
  /** Names in a folder; empty where it cannot be read. */
  readonly list: (folder: string) => readonly string[];
}

export function thisMachine(platform: NodeJS.Platform, env: Machine['env'], home: string): Machine {
  return { platform, env, home, exists: existsSync, list: namesIn };
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Joins as that machine does, wherever this code runs. */
export function joinOn({ platform }: Machine, ...parts: readonly string[]): string {
  return (platform === 'win32' ? win32 : posix).join(...parts);
}

/** The value of a variable that must be an absolute path; the folder below home otherwise. */
export function folderBy(machine: Machine, variable: string, ...otherwise: readonly string[]): string {
  const value = machine.env[variable];
  const isAbsolute = (machine.platform === 'win32' ? win32 : posix).isAbsolute(value ?? '');
  return value && isAbsolute ? value : joinOn(machine, machine.home, ...otherwise);
}

/** Where desktop apps keep their data: XDG configuration, Application Support, roaming AppData. */
export function appDataFolder(machine: Machine): string {
  if (machine.platform === 'darwin') return joinOn(machine, machine.home, 'Library', 'Application Support');
  return machine.platform === 'win32'
    ? folderBy(machine, 'APPDATA', 'AppData', 'Roaming')
    : folderBy(machine, 'XDG_CONFIG_HOME', '.config');
}
