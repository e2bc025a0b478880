import { open, type FileHandle } from 'node:fs/promises';
import { DeliveryFailure } from './delivery-failure.js';

/** What people did is nobody's to read but the control plane's own user's. */
const MODE = 0o600;
const NEWLINE = 0x0a;

/**
 * Appends whole lines to a file, which may be moved away at any moment (logrotate): it is opened for each batch, and on
 * disk when this resolves.
 * @throws DeliveryFailure
 */
export async function appendLines(path: string, lines: string): Promise<void> {
  try {
    await using file = await open(path, 'a+', MODE);
    await append(file, lines);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new DeliveryFailure(`its file cannot be written (${code})`, { cause: error });
  }
}

/** What a full disk cut off is taken back, what a crash cut off stays a line of its own. */
async function append(file: FileHandle, lines: string): Promise<void> {
  const { size } = await file.stat();
  try {
    await file.appendFile((await endsLine(file, size)) ? lines : `\n${lines}`);
    await file.sync();
  } catch (error) {
    await file.truncate(size).catch(() => undefined);
    throw error;
  }
}

async function endsLine(file: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return true;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] === NEWLINE;
}
