import type { ServerResponse } from 'node:http';
import { STREAM_TYPE } from '#shared/mcp/headers.js';

/** Begins a stream of server-sent events. */
export function beginStream(response: ServerResponse, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(200, { 'content-type': STREAM_TYPE, 'cache-control': 'no-store', ...headers });
  response.flushHeaders();
}

export function writeEvent(response: ServerResponse, message: unknown): void {
  response.write(`event: message\ndata: ${JSON.stringify(message)}\n\n`);
}
