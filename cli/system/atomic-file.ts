import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileFault, type FileFaultCode } from './file-fault.js';

export interface FileAttributes {
  /** 0600 unless told. */
  readonly mode?: number;
  /** Id of a group, where it is not the process's own. */
  readonly group?: number;
}

/**
 * Replaces a file as a whole, durably: readers see the old bytes or the new ones, also after a crash.
 * Throws CodedError `fault` where it can't be written.
 */
export async function writeFileAtomically(
  file: string,
  content: string | Buffer,
  fault: FileFaultCode,
  { mode = 0o600, group }: FileAttributes = {},
): Promise<void> {
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const handle = await open(temporary, 'wx', mode);
    try {
      // Not what the umask left of it.
      await handle.chmod(mode);
      if (group !== undefined) await handle.chown(-1, group);
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    // Nothing may be there, not even the folder.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw fileFault(fault, file, 'written', error);
  }
}
