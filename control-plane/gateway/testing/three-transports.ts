import type { ServerResponse } from 'node:http';
import { sendJson, sendResult, textResult, UpstreamServer, type Handler } from './upstream-server.js';

const TOOLS = { tools: [{ name: 'get', inputSchema: { type: 'object' } }] };
const SERVER_INFO = { name: 'far', version: '1' };

/** One server for each way to speak with one over HTTP, by the `transport` it is set up with. */
export type Way = 'modern' | 'legacy' | 'sse';
export const WAYS: readonly Way[] = ['modern', 'legacy', 'sse'];

/** Servers that list and answer one tool, and keep what they were sent; legacy ones keep a session, with its stream. */
export async function openEachWay(): Promise<Record<Way, UpstreamServer>> {
  const handlers: Record<Way, Handler> = { modern, legacy, sse: sse() };
  const [first, second, third] = await Promise.all(WAYS.map((way) => UpstreamServer.open(handlers[way])));
  return { modern: first!, legacy: second!, sse: third! };
}

const modern: Handler = (request, response) => {
  const { method, id } = request.message;
  const complete = { resultType: 'complete', ttlMs: 0, cacheScope: 'public' };
  if (method === 'subscriptions/listen') response.writeHead(200, STREAM).write(': open\n\n');
  else if (id === undefined) response.writeHead(202).end();
  else if (method === 'server/discover') {
    const capabilities = { tools: { listChanged: true } };
    sendResult(response, request, { ...complete, supportedVersions: ['2026-07-28'], capabilities });
  } else sendResult(response, request, method === 'tools/list' ? { ...complete, ...TOOLS } : textResult('done'));
};

const legacy: Handler = (request, response) => {
  const { method, id } = request.message;
  if (request.httpMethod === 'GET') response.writeHead(200, STREAM).write(': open\n\n');
  else if (method === 'server/discover') response.writeHead(404).end();
  else if (id === undefined) response.writeHead(202).end();
  else if (method === 'initialize') {
    sendJson(response, 200, { jsonrpc: '2.0', id, result: initialized('2025-11-25') }, { 'mcp-session-id': 's1' });
  } else sendResult(response, request, resultOf(method));
};

function sse(): Handler {
  let stream: ServerResponse | undefined;
  return (request, response) => {
    const { method, id } = request.message;
    if (request.httpMethod === 'GET') {
      stream = response.writeHead(200, STREAM);
      stream.write(`event: endpoint\ndata: /messages?of=${encodeURIComponent('a b')}\n\n`);
      return;
    }
    response.writeHead(202).end();
    if (id === undefined) return;
    const result = method === 'initialize' ? initialized('2024-11-05') : resultOf(method);
    stream?.write(`event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', id, result })}\n\n`);
  };
}

const STREAM = { 'content-type': 'text/event-stream' };

function initialized(protocolVersion: string): object {
  return { protocolVersion, capabilities: { tools: { listChanged: true } }, serverInfo: SERVER_INFO };
}

function resultOf(method: string | undefined): object {
  if (method === 'tools/list') return TOOLS;
  return method === 'tools/call' ? { content: [{ type: 'text', text: 'done' }] } : {};
}
