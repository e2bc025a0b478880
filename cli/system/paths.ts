import { homedir, userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { Paths } from '../commands/context.js';

type Environment = Readonly<Record<string, string | undefined>>;

const NAME = 'mcp-sso';

/** The person's home folder, absolute: an empty or relative HOME would put files wherever the program was started. */
export function homeFolder(): string {
  const home = homedir();
  return isAbsolute(home) ? home : userInfo().homedir;
}

/** Where this person's files live: XDG base directories on Linux, Library on macOS, AppData on Windows. */
export function userPaths(platform: NodeJS.Platform, env: Environment, home = homeFolder()): Paths {
  if (platform === 'darwin') {
    const support = join(home, 'Library', 'Application Support', NAME);
    return { config: support, state: support, cache: join(home, 'Library', 'Caches', NAME) };
  }
  if (platform === 'win32') {
    const local = join(env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'), NAME);
    const roaming = join(env['APPDATA'] ?? join(home, 'AppData', 'Roaming'), NAME);
    return { config: roaming, state: local, cache: join(local, 'Cache') };
  }
  const base = (variable: string, ...otherwise: string[]): string => {
    const value = env[variable];
    // The XDG specification says that relative values must be ignored.
    return join(value && isAbsolute(value) ? value : join(home, ...otherwise), NAME);
  };
  return {
    config: base('XDG_CONFIG_HOME', '.config'),
    state: base('XDG_STATE_HOME', '.local', 'state'),
    cache: base('XDG_CACHE_HOME', '.cache'),
  };
}

/** Where an administrator puts machine-wide settings. No environment variable moves it on Linux and macOS. */
export function managedSettingsFile(platform: NodeJS.Platform, env: Environment): string {
  if (platform === 'darwin') return '/Library/Application Support/mcp-sso/managed.json';
  if (platform === 'win32') return join(env['ProgramData'] ?? 'C:\\ProgramData', NAME, 'managed.json');
  return '/etc/mcp-sso/managed.json';
}
