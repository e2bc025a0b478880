import { META, MODERN_VERSION } from '#shared/mcp/meta.js';
import type { LoadClient, LoadJob } from './load-job.js';

const PROOFS_A_SECOND = 1_500;

export interface Target {
  /** Where the load goes. */
  readonly url: string;
  /** The public address of the same, for Host and proofs. */
  readonly target?: string;
  readonly clients?: readonly LoadClient[];
}

/** A `tools/call` of 2026-07-28 for the load. */
export function calling(tool: string, to: Target, connections: number, seconds: number): LoadJob {
  return job('tools/call', { name: tool, arguments: { id: 'c-1' } }, to, connections, seconds);
}

export function listing(to: Target, connections: number, seconds: number): LoadJob {
  return job('tools/list', {}, to, connections, seconds);
}

function job(
  method: string,
  params: Record<string, unknown>,
  to: Target,
  connections: number,
  seconds: number,
): LoadJob {
  const meta = {
    [META.protocolVersion]: MODERN_VERSION,
    [META.clientCapabilities]: {},
    [META.clientInfo]: { name: 'bench', version: '1' },
  };
  const { name } = params;
  const clients = to.clients ?? [{}];
  const target = to.target ?? to.url;
  return {
    url: to.url,
    host: new URL(target).host,
    target,
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: meta } }),
    headers:
      'content-type: application/json\r\naccept: application/json, text/event-stream\r\n' +
      `mcp-protocol-version: ${MODERN_VERSION}\r\nmcp-method: ${method}\r\n` +
      (typeof name === 'string' ? `mcp-name: ${name}\r\n` : ''),
    clients,
    connections,
    seconds,
    proofs: Math.ceil((PROOFS_A_SECOND * seconds) / clients.length),
  };
}
