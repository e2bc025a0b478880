import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The processes that hold a write lock on a file of `folder` whose name matches, as the kernel tells it. Linux only. */
export function lockHolders(folder: string, name: RegExp): number[] {
  const files = readdirSync(folder).filter((file) => name.test(file));
  const inodes = new Set(files.map((file) => String(statSync(join(folder, file)).ino)));
  const locks = readFileSync('/proc/locks', 'latin1').matchAll(/ WRITE +(\d+) \w+:\w+:(\d+) /g);
  return [...new Set([...locks].filter(([, , inode = '']) => inodes.has(inode)).map(([, pid]) => Number(pid)))];
}
