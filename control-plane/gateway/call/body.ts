import type { IncomingMessage } from 'node:http';
import { CodedError } from '#shared/errors.js';
import { overLimit, type Limits } from '../../config/limits.js';

/** The raw body. Throws `request_too_large` as soon as that is known, `request_invalid` where it does not arrive. */
export function readBody(
  request: IncomingMessage,
  { requestBytes: limit, bodySeconds }: Pick<Limits, 'requestBytes' | 'bodySeconds'>,
): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  if (Number(request.headers['content-length'] ?? 0) > limit) return Promise.reject(tooLarge(limit));
  const chunks: Buffer[] = [];
  let size = 0;
  const timer = setTimeout(() => reject(tooLate(bodySeconds)), bodySeconds * 1_000);
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > limit) {
      chunks.length = 0;
      request.pause();
      reject(tooLarge(limit));
    } else {
      chunks.push(chunk);
    }
  });
  request.once('end', () => resolve(Buffer.concat(chunks)));
  request.once('error', () => reject(incomplete()));
  request.once('close', () => {
    if (!request.readableEnded) reject(incomplete());
  });
  return promise.finally(() => clearTimeout(timer));
}

function tooLarge(limit: number): CodedError {
  const what = `The request is larger than ${limit} bytes`;
  return overLimit('request_too_large', 'requestBytes', what, 'Send less.');
}

function tooLate(seconds: number): CodedError {
  return overLimit(
    'request_invalid',
    'bodySeconds',
    `The request did not arrive within ${seconds} s`,
    'Send it again.',
  );
}

function incomplete(): CodedError {
  return new CodedError('request_invalid', { message: 'The request body did not arrive.' });
}
