import { META, MODERN_VERSION } from '#shared/mcp/meta.js';
import type { LoadClient, LoadJob } from './job.js';

const PROOFS_A_SECOND = 1_500;
const OLD_VERSION = '2025-11-25';
const CONTENT = 'content-type: application/json\r\naccept: application/json, text/event-stream\r\n';

export interface Target {
  /** Where the load goes. */
  readonly url: string;
  /** The public address of the same, for Host and proofs. */
  readonly target?: string;
  readonly clients?: readonly LoadClient[];
  readonly paths?: readonly string[];
}

/** A `tools/call` of 2026-07-28. */
export function calling(tool: string, to: Target, connections: number, seconds: number): LoadJob {
  const request = modern('tools/call', { name: tool, arguments: { id: 'c-1' } });
  return { ...request, ...aimed(to, seconds), connections, seconds };
}

export function listing(to: Target, connections: number, seconds: number): LoadJob {
  return { ...modern('tools/list', {}), ...aimed(to, seconds), connections, seconds };
}

/** A stream on which the client hears of changes of lists, as the bridge opens it. */
export function listening(to: Target): LoadJob {
  const notifications = { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true };
  return { ...modern('subscriptions/listen', { notifications }), ...aimed(to, 0), connections: 1, seconds: 0 };
}

/** A `tools/call` of 2025-11-25. */
export function oldCalling(tool: string, to: Target, connections: number, seconds: number): LoadJob {
  const body = requestText('tools/call', { name: tool, arguments: { id: 'c-1' } });
  const headers = `${CONTENT}mcp-protocol-version: ${OLD_VERSION}\r\n`;
  return { body, headers, ...aimed(to, seconds), connections, seconds };
}

function modern(method: string, params: Readonly<Record<string, unknown>>): Pick<LoadJob, 'body' | 'headers'> {
  const meta = {
    [META.protocolVersion]: MODERN_VERSION,
    [META.clientCapabilities]: {},
    [META.clientInfo]: { name: 'bench', version: '1' },
  };
  const { name } = params;
  const headers =
    `${CONTENT}mcp-protocol-version: ${MODERN_VERSION}\r\nmcp-method: ${method}\r\n` +
    (typeof name === 'string' ? `mcp-name: ${name}\r\n` : '');
  return { body: requestText(method, { ...params, _meta: meta }), headers };
}

function requestText(method: string, params: object): string {
  return JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
}

function aimed({ url, target = url, clients = [{}], paths }: Target, seconds: number) {
  return {
    url,
    host: new URL(target).host,
    target,
    clients,
    proofs: Math.ceil((PROOFS_A_SECOND * seconds) / clients.length),
    ...(paths ? { paths } : {}),
  };
}
