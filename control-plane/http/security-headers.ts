import type { IncomingMessage, Server, ServerResponse } from 'node:http';

const DEFAULTS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
};

const ONE_YEAR_S = 31_536_000;

/**
 * Sets the default headers on every answer, before any handler sees the request: also on what the authorization server
 * and hijacked routes write themselves. A handler may replace one; none can forget it.
 */
export function addSecurityHeaders(server: Server, publicUrl: string): void {
  const headers = Object.entries(DEFAULTS);
  if (publicUrl.startsWith('https:')) headers.push(['strict-transport-security', `max-age=${ONE_YEAR_S}`]);
  server.prependListener('request', (_request: IncomingMessage, response: ServerResponse) => {
    for (const [name, value] of headers) response.setHeader(name, value);
  });
}
