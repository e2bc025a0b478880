import { isUtf8 } from 'node:buffer';
import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';

/** Bytes. No config of an app that we know comes near it. */
const SIZE_LIMIT = 16 * 1024 * 1024;

/** What came of reading a file: its text, or why it was left out. Both undefined: there is none. */
export interface LimitedFile {
  readonly text?: string;
  readonly refused?: string;
}

/**
 * Reads a file that somebody else may have laid out against us: a link is followed, a pipe never waited for, nothing read
 * beyond 16 MiB. `owner`: id of the account whose home it is in; what belongs to others is then read only if everybody may,
 * so that a person's link never makes root read what they could not.
 */
export async function readLimitedFile(file: string, owner: number | undefined): Promise<LimitedFile> {
  try {
    const target = await realpath(file);
    // Opened without waiting, and only if it is still the file that the links led to.
    const handle = await open(target, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const { size, mode, uid, ...state } = await handle.stat().then((stats) => ({
        size: stats.size,
        mode: stats.mode,
        uid: stats.uid,
        isFile: stats.isFile(),
      }));
      if (!state.isFile) return { refused: 'it is not a file' };
      if (owner !== undefined && uid !== owner && (mode & 0o004) === 0)
        return { refused: 'it belongs to another account' };
      if (size > SIZE_LIMIT) return { refused: TOO_LARGE };
      return decode(await readUpTo(handle, SIZE_LIMIT + 1));
    } finally {
      await handle.close();
    }
  } catch (error) {
    return faultOf(error as NodeJS.ErrnoException);
  }
}

const TOO_LARGE = `it is larger than ${SIZE_LIMIT / 1024 / 1024} MiB`;

interface Readable {
  readonly read: (buffer: Buffer, offset: number, length: number) => Promise<{ bytesRead: number }>;
}

/** A file can grow while it is read, and some claim to be empty. */
async function readUpTo(handle: Readable, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  while (size < limit) {
    const chunk = Buffer.alloc(Math.min(64 * 1024, limit - size));
    const { bytesRead } = await handle.read(chunk, 0, chunk.length);
    if (bytesRead === 0) break;
    chunks.push(chunk.subarray(0, bytesRead));
    size += bytesRead;
  }
  return Buffer.concat(chunks);
}

function decode(bytes: Buffer): LimitedFile {
  if (bytes.length > SIZE_LIMIT) return { refused: TOO_LARGE };
  return isUtf8(bytes) ? { text: bytes.toString() } : { refused: 'it is not UTF-8 text' };
}

const ABSENT: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR']);

function faultOf({ code = 'unknown error' }: NodeJS.ErrnoException): LimitedFile {
  if (ABSENT.has(code)) return {};
  if (code === 'ELOOP') return { refused: 'its links lead in a circle' };
  return { refused: `it cannot be read (${code})` };
}
