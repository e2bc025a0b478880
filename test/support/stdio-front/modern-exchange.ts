import type { ServerResponse } from 'node:http';
import { JSON_TYPE } from '#shared/mcp/headers.js';
import { isObject, type JsonObject, type JsonRpcRequest } from '#shared/mcp/json-rpc.js';
import { beginStream, writeEvent } from './event-stream.js';
import type { LineProcess } from './line-process.js';

/** Statuses that MCP 2026-07-28 gives to errors; what is not named here travels with 200. */
const STATUS: Readonly<Record<number, number>> = {
  [-32700]: 400,
  [-32600]: 400,
  [-32601]: 404,
  [-32602]: 400,
  [-32020]: 400,
  [-32021]: 400,
  [-32022]: 400,
};

/**
 * One request of 2026-07-28 through a stdio server that has nothing else to do, so all it says belongs to it.
 * Resolves to whether the server is free again.
 */
export function exchange(message: JsonRpcRequest, server: LineProcess, response: ServerResponse): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  server.hear = (said) => {
    const final = !('method' in said);
    if (!response.headersSent && final) answer(response, said);
    else {
      if (!response.headersSent) beginStream(response);
      writeEvent(response, said);
      if (final) response.end();
    }
    if (final) resolve(true);
  };
  response.once('close', () => {
    if (response.writableFinished) return;
    server.say({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: message.id } });
    resolve(false);
  });
  server.say(message);
  return promise;
}

export function answer(response: ServerResponse, message: JsonObject): void {
  const code = isObject(message['error']) ? Number(message['error']['code']) : 0;
  response.writeHead(STATUS[code] ?? 200, { 'content-type': JSON_TYPE }).end(JSON.stringify(message));
}
