import type { Socket } from 'node:net';
import { CodedError } from '#shared/errors.js';
import { overLimit } from '../config/limits.js';
import { problemOf } from './problem.js';

const TOO_LARGE = 'HPE_HEADER_OVERFLOW';

/** What answers bytes that never became a request; Node gives such a connection up. */
export function refuseConnection(headerBytes: number): (error: Error & { code?: string }, socket: Socket) => void {
  return (error, socket) => {
    if (socket.destroyed || !socket.writable) {
      socket.destroy();
      return;
    }
    const tooLarge = error.code === TOO_LARGE;
    const what = `The headers of the request are larger than ${headerBytes} bytes`;
    const coded = tooLarge
      ? overLimit('request_too_large', 'headerBytes', what, 'Send fewer or shorter headers.')
      : new CodedError('request_invalid', { message: 'This is no HTTP request.' });
    const status = tooLarge ? '431 Request Header Fields Too Large' : '400 Bad Request';
    const body = JSON.stringify({ ...problemOf(coded), status: tooLarge ? 431 : 400 });
    socket.end(
      `HTTP/1.1 ${status}\r\ncontent-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n` +
        `connection: close\r\n\r\n${body}`,
    );
  };
}
