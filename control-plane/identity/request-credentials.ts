import type { IncomingMessage } from 'node:http';
import type { Credentials } from './caller.js';
import { issuerOf } from './resources.js';

/** The credentials of a raw request: every header line counts, and the URL starts with `publicUrl`, not with Host. */
export function credentialsOf(request: IncomingMessage, publicUrl: string, audiences: readonly string[]): Credentials {
  return {
    method: request.method ?? '',
    url: `${issuerOf(publicUrl)}${request.url ?? ''}`,
    authorization: request.headersDistinct['authorization'] ?? [],
    dpop: request.headersDistinct['dpop'] ?? [],
    audiences,
  };
}
