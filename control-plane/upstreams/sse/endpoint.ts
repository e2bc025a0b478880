import { CodedError } from '#shared/errors.js';

/**
 * Where to post, as the server's first event names it: an address of its own, or one relative to the stream's (MCP
 * 2024-11-05, transports, HTTP with SSE). Another origin would be sent the company's credential and whatever is asked.
 * Throws `upstream_invalid`.
 */
export function endpointOf(named: string, stream: string): string {
  const base = new URL(stream);
  const endpoint = URL.parse(named, base.href);
  const own = endpoint?.origin === base.origin && endpoint.username === '' && endpoint.password === '';
  if (!endpoint || !own)
    throw new CodedError('upstream_invalid', { detail: 'the endpoint event names another origin' });
  endpoint.hash = '';
  return endpoint.href;
}
