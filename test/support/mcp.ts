import { Client, StreamableHTTPClientTransport, type VersionNegotiationMode } from '@modelcontextprotocol/client';
import { META, MODERN_VERSION } from '#shared/mcp/meta.js';
import { credentials, send, type HttpAnswer } from './http.js';
import type { SignedIn } from './person.js';

/** Body and headers of a request of MCP 2026-07-28; `_meta` of the parameters adds to its envelope, or changes it. */
export function modernRequest(method: string, params: Record<string, unknown> = {}) {
  const name = params['name'] ?? params['uri'];
  const meta = {
    [META.protocolVersion]: MODERN_VERSION,
    [META.clientCapabilities]: {},
    [META.clientInfo]: { name: 'claude-ai', version: '1.4.2' },
    ...(params['_meta'] as object | undefined),
  };
  return {
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: meta } }),
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': MODERN_VERSION,
      'mcp-method': method,
      ...(typeof name === 'string' ? { 'mcp-name': name } : {}),
    },
  };
}

/** Sends one modern request with exactly these credential headers. */
export function sendMcp(
  url: string,
  credentialHeaders: Readonly<Record<string, string | string[]>>,
  method = 'tools/list',
  params: Record<string, unknown> = {},
): Promise<HttpAnswer> {
  const { body, headers } = modernRequest(method, params);
  return send(url, { method: 'POST', headers: { ...headers, ...credentialHeaders }, body });
}

/** A client of the MCP SDK v2 over streamable HTTP, with a fresh DPoP proof on every request. */
export async function connectClient(url: string, by: SignedIn, mode: VersionNegotiationMode): Promise<Client> {
  const client = new Client({ name: 'claude-ai', version: '1.4.2' }, { versionNegotiation: { mode } });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { fetch: fetchAs(by) }));
  return client;
}

/** `fetch` that adds the person's token and a proof. */
export function fetchAs(by: SignedIn): (url: string | URL, init?: RequestInit) => Promise<Response> {
  return async (url, init) => {
    const headers = new Headers(init?.headers);
    const own = await credentials(by, init?.method ?? 'GET', String(url));
    for (const [name, value] of Object.entries(own)) headers.set(name, value);
    return fetch(url, { ...init, headers });
  };
}
