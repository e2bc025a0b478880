import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The repository's folder, from a source file as well as from its built twin below dist/. */
export const ROOT = rootAbove(import.meta.dirname);

function rootAbove(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error('The demo runs inside its repository only.');
  return rootAbove(parent);
}
