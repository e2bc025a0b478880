import { isLoopback } from '../../config/address.js';
import { boundedBody } from '../../identity/assertions/bounded-json.js';

/** How a request leaves this process. */
export type Send = (url: string, init: RequestInit) => Promise<Response>;

const TIMEOUT_MS = 10_000;
/** Of these no `Response` may have a body (Fetch §2.2.3). */
const WITHOUT_BODY = new Set([204, 205, 304]);

/**
 * Requests to authorization servers: https, or this machine; 10 s for all of it, an answer of at most 256 KiB, and a
 * redirect is an answer like any other, so that no client secret follows it.
 */
export function authorizationServerFetch(send: Send = fetch): Send {
  return async (url, init) => {
    requireSafe(url);
    const signals = [AbortSignal.timeout(TIMEOUT_MS), ...(init.signal ? [init.signal] : [])];
    const answer = await send(url, { ...init, redirect: 'manual', signal: AbortSignal.any(signals) });
    const { status, headers, body } = answer;
    const read = body === null ? null : await boundedBody(body);
    return new Response(WITHOUT_BODY.has(status) || read === null ? null : new Uint8Array(read), { status, headers });
  };
}

function requireSafe(address: string): void {
  const url = new URL(address);
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url))) return;
  throw new Error('an authorization server is asked over https only');
}
