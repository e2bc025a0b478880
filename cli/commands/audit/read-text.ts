import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { CodedError } from '#shared/errors.js';
import { fileFault } from '../../system/file-fault.js';

/** Bytes of a whole text: a checkpoint a minute for a year. */
const MOST = 256 * 1024 * 1024;
/** Bytes of one line; a record with what is personal has some thousands. */
const MOST_IN_LINE = 16 * 1024 * 1024;
const LINE_FEED = 0x0a;
const NO_RECORD = '\u{fffd}';

/** A text file that the person named. Throws `usage` where there is none or it is too long, `config_invalid` where it cannot be read. */
export async function readText(file: string, most = MOST): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of createReadStream(file)) {
      chunks.push(chunk as Buffer);
      size += (chunk as Buffer).length;
      if (size > most) throw new CodedError('usage', { message: `${file} is too long to be what is asked for.` });
    }
  } catch (cause) {
    notRead(file, cause);
  }
  return Buffer.concat(chunks).toString();
}

/**
 * The lines of a file, which end with a line feed and nothing else: a record may hold any other separator. A line that
 * is not UTF-8 comes as one that is no record.
 */
export async function* readLines(file: string): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of createReadStream(file)) {
      let bytes = Buffer.concat([rest, chunk as Buffer]);
      for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED)) {
        yield decoded(bytes.subarray(0, end));
        bytes = bytes.subarray(end + 1);
      }
      if (bytes.length > MOST_IN_LINE)
        throw new CodedError('usage', { message: `${file} has a line longer than any record.` });
      rest = bytes;
    }
  } catch (cause) {
    notRead(file, cause);
  }
  if (rest.length > 0) yield decoded(rest);
}

function decoded(line: Buffer): string {
  return isUtf8(line) ? line.toString() : NO_RECORD;
}

function notRead(file: string, cause: unknown): never {
  if (cause instanceof CodedError) throw cause;
  if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') {
    throw new CodedError('usage', { message: `${file} is not there. Check the path.`, cause });
  }
  throw fileFault('config_invalid', file, 'read', cause);
}
