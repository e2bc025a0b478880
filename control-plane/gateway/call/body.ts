import type { IncomingMessage } from 'node:http';
import { CodedError } from '#shared/errors.js';

const BODY_LIMIT = 4 * 1024 * 1024;
/** Milliseconds for a whole request body. */
const BODY_TIME = 30_000;

/** The raw body. Throws `request_too_large` as soon as that is known, `request_invalid` where it does not arrive. */
export function readBody(request: IncomingMessage): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  if (Number(request.headers['content-length'] ?? 0) > BODY_LIMIT) return Promise.reject(tooLarge());
  const chunks: Buffer[] = [];
  let size = 0;
  const timer = setTimeout(() => reject(incomplete()), BODY_TIME);
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > BODY_LIMIT) {
      chunks.length = 0;
      request.pause();
      reject(tooLarge());
    } else {
      chunks.push(chunk);
    }
  });
  request.once('end', () => resolve(Buffer.concat(chunks)));
  request.once('error', () => reject(incomplete()));
  request.once('close', () => reject(incomplete()));
  return promise.finally(() => clearTimeout(timer));
}

function tooLarge(): CodedError {
  return new CodedError('request_too_large', { message: `The request is larger than ${BODY_LIMIT} bytes.` });
}

function incomplete(): CodedError {
  return new CodedError('request_invalid', { message: 'The request body did not arrive.' });
}
