import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileFault, type FileFaultCode } from './file-fault.js';

/**
 * Replaces a file as a whole, durably: readers see the old bytes or the new ones, also after a crash.
 * Throws CodedError `fault` where it can't be written.
 */
export async function writeFileAtomically(
  file: string,
  content: string | Buffer,
  fault: FileFaultCode,
  mode = 0o600,
): Promise<void> {
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const handle = await open(temporary, 'wx', mode);
    try {
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
