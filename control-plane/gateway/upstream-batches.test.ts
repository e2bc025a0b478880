import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { LegacyClient } from './testing/legacy-client.js';
import { postModern } from './testing/mcp-post.js';
import { OpenGateway } from './testing/open-gateway.js';
import { sendJson, UpstreamServer, type SeenRequest } from './testing/upstream-server.js';

vi.setConfig({ testTimeout: 20_000 });

const POLICIES = `
@id("all") @reason("All may.")
permit(principal, action, resource);
`;
const PROGRESS = { jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 7, progress: 1 } };
const LARGE = 'x'.repeat(300_000);

let servers: Record<'batches' | 'none', UpstreamServer>;
let gateway: OpenGateway;
let stream: ServerResponse | undefined;

/** A server that puts everything that it says after `initialize` into batches. */
function batchServer(version: string): Promise<UpstreamServer> {
  return UpstreamServer.open((request, response) => {
    const { method, id } = request.message;
    if (method === 'server/discover') response.writeHead(404).end();
    else if (request.httpMethod === 'GET') {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      stream = response;
    } else if (method === 'initialize') {
      const result = { protocolVersion: version, capabilities: { tools: {} }, serverInfo: { name: 'o', version: '1' } };
      sendJson(response, 200, { jsonrpc: '2.0', id, result }, { 'mcp-session-id': 's1' });
    } else if (method === undefined || id === undefined) response.writeHead(202).end();
    else answer(request, response);
  });
}

function answer({ message: { id, method, params } }: SeenRequest, response: ServerResponse): void {
  const name = params?.['name'];
  const text = name === 'large' ? LARGE : '],[ é';
  const tools = [{ name: 'one', inputSchema: { type: 'object' } }];
  const result = method === 'tools/list' ? { tools } : { content: [{ type: 'text', text }], n: 1 };
  const own = { jsonrpc: '2.0', id, result };
  if (name === 'alone') sendJson(response, 200, ` \n${JSON.stringify(own, null, 1)}`);
  else if (name === 'events') {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const events = `: hello\n\ndata: ${JSON.stringify([PROGRESS, PROGRESS], null, 1).replaceAll('\n', '\ndata: ')}\n\n`;
    response.end(`${events}data: ${JSON.stringify([own])}\n\n`);
  } else if (name === 'nothing') sendJson(response, 200, '[]');
  else if (name === 'number') sendJson(response, 200, '[7]');
  else sendJson(response, 200, JSON.stringify(method === 'tools/list' ? [own] : [PROGRESS, own]));
}

beforeAll(async () => {
  servers = { batches: await batchServer('2025-03-26'), none: await batchServer('2025-06-18') };
  gateway = await OpenGateway.open({
    policies: POLICIES,
    servers: { batches: { url: servers.batches.url }, none: { url: servers.none.url } },
  });
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  for (const server of Object.values(servers)) await server[Symbol.asyncDispose]();
});

const call = (name: string, server = 'batches') =>
  postModern(`${gateway.url}/mcp/${server}`, 'tools/call', { name, _meta: { progressToken: 7 } });

test.each([
  ['one', 1],
  ['alone', 0],
  ['events', 2],
] as const)('the tool %s of a server of 2025-03-26 answers message by message', async (name, notifications) => {
  const { messages, message } = await call(name);
  expect(messages.slice(0, -1)).toEqual([PROGRESS, PROGRESS].slice(0, notifications));
  expect(message).toEqual({
    jsonrpc: '2.0',
    id: 1,
    result: { resultType: 'complete', content: [{ type: 'text', text: '],[ é' }], n: 1 },
  });
});

test('a large answer in a batch comes through whole', async () => {
  const { message } = await call('large');
  expect(message.result?.content).toEqual([{ type: 'text', text: LARGE }]);
});

test('lists in a batch are lists, and legacy clients get single messages too', async () => {
  const { message } = await postModern(`${gateway.url}/mcp/batches`, 'tools/list');
  expect(message.result?.['tools']).toEqual([{ name: 'one', inputSchema: { type: 'object' } }]);
  const client = await LegacyClient.open(`${gateway.url}/mcp/batches`);
  const messages = await client.ask('tools/call', { name: 'one', _meta: { progressToken: 7 } });
  expect(messages).toMatchObject([PROGRESS, { id: 1, result: { n: 1 } }]);
});

test('what such a server says outside of calls is taken apart as well', async () => {
  const client = await LegacyClient.open(`${gateway.url}/mcp/batches`);
  const heard: unknown[] = [];
  const stop = await client.listen((message) => heard.push(message));
  await expect.poll(() => stream, { timeout: 10_000 }).toBeDefined();
  const said = [1, 2].map((n) => ({ jsonrpc: '2.0', method: 'notifications/any', params: { n } }));
  stream!.write(`data: ${JSON.stringify(said)}\n\n`);
  await expect.poll(() => heard, { timeout: 10_000 }).toEqual(said);
  stop.abort();
});

test.each(['nothing', 'number'])('a batch with %s in it is an error', async (name) => {
  const { message } = await call(name);
  expect(message.error?.data?.['code']).toMatch(/^(outcome_unknown|upstream_invalid)$/);
});

test('of a server of another revision a batch is no answer', async () => {
  const { message } = await call('one', 'none');
  expect(message.error?.data).toMatchObject({ code: 'upstream_invalid' });
});
