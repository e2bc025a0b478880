import { closeSync, openSync, writeSync } from 'node:fs';

/** Writes to a file until its disk has no room for another byte. */
export function fillUp(path: string): void {
  const file = openSync(path, 'w');
  try {
    for (let size = 65_536; size >= 1;) {
      try {
        writeSync(file, Buffer.alloc(size));
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
        size = Math.floor(size / 2);
      }
    }
  } finally {
    closeSync(file);
  }
}
