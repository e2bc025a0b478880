import type { IncomingMessage } from 'node:http';
import { modernHeaders } from '#shared/mcp/headers.js';
import type { JsonObject } from '#shared/mcp/json-rpc.js';
import type { Link } from './control-plane-link.js';

interface Outgoing {
  readonly method: string;
  readonly params?: JsonObject;
}

/**
 * POSTs one message with a fresh proof. A 401 refuses the request before anything was done with it, so it is sent
 * once more with a fresh token; undefined where that is refused too. Throws what `TokenSource.authorize` and
 * `Connection.post` throw.
 */
export async function postSigned(
  { session, connection }: Link,
  message: Outgoing,
  body: string,
  signal: AbortSignal,
  extraHeaders: Readonly<Record<string, string>> = {},
): Promise<IncomingMessage | undefined> {
  const mirrored = { ...extraHeaders, ...modernHeaders(message) };
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    const authorization = await session.tokens.authorize('POST', connection.url.href);
    signal.throwIfAborted();
    const response = await connection.post(body, { ...mirrored, ...authorization }, signal);
    if (response.statusCode !== 401) return response;
    response.on('error', () => undefined).resume();
    session.tokens.refused(authorization, response.headers.date);
  }
  return undefined;
}
