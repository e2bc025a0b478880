import type { IncomingMessage } from 'node:http';
import { CodedError } from '#shared/errors.js';
import { modernHeaders } from '#shared/mcp/headers.js';
import type { JsonObject } from '#shared/mcp/json-rpc.js';
import type { Link } from './control-plane-link.js';
import { isPassing, notSent } from './network-faults.js';
import type { Patience } from './patience.js';
import { stepUpRefused } from './step-up-refused.js';

interface Outgoing {
  readonly method: string;
  readonly params?: JsonObject;
}

/**
 * As `postSigned`, and again while nothing can have left: a control plane that restarts is away for a moment. What is
 * thrown says that nothing was sent, or is `outcome_unknown`, or a sign-in error.
 */
export async function postPatiently(
  link: Link,
  message: Outgoing,
  body: string,
  signal: AbortSignal,
  patience: Patience,
  extraHeaders: Readonly<Record<string, string>> = {},
): Promise<IncomingMessage | undefined> {
  for (;;) {
    try {
      return await postSigned(link, message, body, signal, extraHeaders);
    } catch (error) {
      if (isPassing(error) && (await patience.more(signal))) continue;
      throw error instanceof CodedError ? notSent(error) : error;
    }
  }
}

/**
 * POSTs one message with a fresh proof. A 401 refuses the request before anything was done with it, so it is sent
 * once more with a fresh token; undefined where that is refused too. Throws what `TokenSource.authorize` and
 * `Connection.post` throw, and StepUpRefused.
 */
export async function postSigned(
  { session, connection, chainOf }: Link,
  message: Outgoing,
  body: string,
  signal: AbortSignal,
  extraHeaders: Readonly<Record<string, string>> = {},
): Promise<IncomingMessage | undefined> {
  const mirrored = { ...extraHeaders, ...modernHeaders(message) };
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    const authorization = await session.tokens.authorize('POST', connection.url.href, chainOf(message));
    signal.throwIfAborted();
    const response = await connection.post(body, { ...mirrored, ...authorization }, signal);
    if (response.statusCode !== 401) return response;
    const refused = await stepUpRefused(response, session.origin);
    if (refused) throw refused;
    response.on('error', () => undefined).resume();
    session.tokens.refused(authorization, response.headers.date);
  }
  return undefined;
}
