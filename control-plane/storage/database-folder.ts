import { accessSync, constants, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes the folder of a database file, for its owner alone. Throws the system's error where nothing can be written there:
 * SQLite itself would open what it can't write, and say so late and in other words.
 */
export function makeFolder(path: string): void {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  accessSync(folder, constants.W_OK);
}
