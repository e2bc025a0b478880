import { isUtf8 } from 'node:buffer';
import { existsSync } from 'node:fs';
import { copyFile, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../system/atomic-file.js';
import { fileFault } from '../system/file-fault.js';
import { unusable, withServer, type ServerEntry } from './json-config.js';

type Environment = Readonly<Record<string, string | undefined>>;

const FILE = 'claude_desktop_config.json';
const NAME = 'mcp-sso';

/** What would change, or was changed, in one config file. */
export interface ConfigChange {
  readonly file: string;
  readonly changed: boolean;
  readonly before: string;
  readonly after: string;
  /** Copy of the file as it was. */
  readonly backup: string | undefined;
}

/**
 * Where Claude Desktop reads its config. On Windows the store (MSIX) edition has its own virtual AppData,
 * and both editions may be installed.
 */
export async function configFiles(platform: NodeJS.Platform, env: Environment, home: string): Promise<string[]> {
  if (platform === 'darwin') return [join(home, 'Library', 'Application Support', 'Claude', FILE)];
  if (platform !== 'win32') return [join(env['XDG_CONFIG_HOME'] || join(home, '.config'), 'Claude', FILE)];
  const classic = join(env['APPDATA'] ?? join(home, 'AppData', 'Roaming'), 'Claude');
  const packages = join(env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'), 'Packages');
  const names = await readdir(packages).catch(() => []);
  const store = names
    .filter((name) => name.startsWith('Claude_'))
    .map((name) => join(packages, name, 'LocalCache', 'Roaming', 'Claude'));
  const folders = store.length > 0 && !existsSync(classic) ? store : [classic, ...store];
  return folders.map((folder) => join(folder, FILE));
}

/** Works out the change; throws CodedError config_invalid where the file is not what Claude Desktop reads. */
export async function planChange(file: string, entry: ServerEntry | undefined): Promise<ConfigChange> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return Buffer.alloc(0);
    throw fileFault('config_invalid', file, 'read', error);
  });
  if (!isUtf8(bytes)) throw unusable(file, 'it is not UTF-8 text');
  const before = bytes.toString();
  const after = withServer(before, file, NAME, entry);
  return { file, changed: after !== before, before, after, backup: undefined };
}

/** Writes the change as a whole, next to a copy of what was there. */
export async function applyChange(change: ConfigChange, now: Date): Promise<ConfigChange> {
  if (!change.changed) return change;
  const exists = existsSync(change.file);
  // Dotfile managers make it a link; the link stays, its target changes.
  const file = exists ? await realpath(change.file) : change.file;
  const backup = exists ? `${change.file}.${now.toISOString().replaceAll(':', '-')}.backup` : undefined;
  if (backup) {
    await copyFile(file, backup).catch((error: unknown) => {
      throw fileFault('config_invalid', backup, 'written', error);
    });
  }
  const mode = exists ? (await stat(file)).mode & 0o777 : 0o600;
  await writeFileAtomically(file, change.after, 'config_invalid', mode);
  return { ...change, backup };
}
