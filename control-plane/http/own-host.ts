import type { IncomingMessage, ServerResponse } from 'node:http';
import { PATHS } from '#shared/api/paths.js';
import { CodedError } from '#shared/errors.js';
import { problemOf } from './problem.js';

/** Probes come by address, and MCP refuses in its own form. */
const APART = new RegExp(`^(?:${PATHS.healthz}|${PATHS.readyz}|${PATHS.mcp}(?:/[^/?]*)?)(?:\\?|$)`);

/** Whether `Host` is that of `publicUrl`; with another one, a browser follows a rebound DNS name. */
export function isOwnHost(host: string | undefined, publicUrl: string): boolean {
  const { host: own, port, protocol } = new URL(publicUrl);
  const hosts = port === '' ? [own, `${own}:${protocol === 'https:' ? 443 : 80}`] : [own];
  return hosts.includes(host?.toLowerCase() ?? '');
}

/** Answers a request that came under a foreign name, before any route sees it; false where it is ours. */
export function refuseForeignHost(publicUrl: string): (request: IncomingMessage, response: ServerResponse) => boolean {
  return ({ headers, url = '' }, response) => {
    if (isOwnHost(headers.host, publicUrl) || APART.test(url)) return false;
    const error = new CodedError('origin_refused', { detail: 'Host' });
    response.writeHead(error.form.http, { 'content-type': 'application/problem+json', connection: 'close' });
    response.end(JSON.stringify(problemOf(error)));
    return true;
  };
}
