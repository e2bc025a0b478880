import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '../../../demo/stack/root.js';

const FOLDER = join(ROOT, 'test', 'peers');

/** Files and bytes of a package that `test/peers` installed, with all that it depends on. */
export function installedBytes(name: string): { readonly files: number; readonly bytes: number } {
  const found = new Set<string>();
  collect(join(FOLDER, 'node_modules', name), found);
  const files = [...found].flatMap(filesOf);
  return { files: files.length, bytes: files.reduce((sum, file) => sum + statSync(file).size, 0) };
}

function collect(folder: string, found: Set<string>): void {
  if (found.has(folder)) return;
  found.add(folder);
  const { dependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
  for (const name of Object.keys(dependencies)) collect(resolved(name, folder), found);
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** As Node looks for it: in the node_modules of each folder above. */
function resolved(name: string, from: string): string {
  for (let folder = from; folder.startsWith(FOLDER); folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return candidate;
  }
  throw new Error(`${name} is not installed beside ${from}.`);
}

/** Without the packages nested in it, which count for themselves. */
function filesOf(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesOf(path);
    return entry.isFile() ? [path] : [];
  });
}
