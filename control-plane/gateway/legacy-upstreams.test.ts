import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { OpenGateway } from './testing/open-gateway.js';
import { postModern, read, sendModern } from './testing/mcp-post.js';
import { sendJson, sendResult, UpstreamServer, type SeenRequest } from './testing/upstream-server.js';
import { withoutTrace } from './testing/without-trace.js';

const POLICIES = `
@id("all") @reason("All may.")
permit(principal, action, resource);
`;

let upstream: UpstreamServer;
let gateway: OpenGateway;
let sessions = 0;
const lost = new Set<string>();
let onSlow: () => void = () => undefined;

/** Tools that ask the client for something: how often, and how many characters. */
const ASKED: Readonly<Record<string, { times: number; size: number }>> = {
  asks: { times: 1, size: 0 },
  'asks-often': { times: 33, size: 0 },
  'asks-much': { times: 1, size: 1_100_000 },
};

const TOOLS = ['get', 'slow', ...Object.keys(ASKED)].map((name) => ({ name, inputSchema: {} }));

/** A server of 2025-11-25 with sessions, as its revision describes it. */
beforeAll(async () => {
  upstream = await UpstreamServer.open((request, response) => {
    const { method, id, params } = request.message;
    const session = request.headers['mcp-session-id'];
    if (request.httpMethod === 'DELETE') response.writeHead(200).end();
    else if (method === 'initialize') {
      const result = {
        protocolVersion: '2025-11-25',
        capabilities: { tools: { listChanged: true }, logging: {} },
        serverInfo: { name: 'old', version: '1' },
        instructions: 'Old ways.',
      };
      sendJson(response, 200, { jsonrpc: '2.0', id, result }, { 'mcp-session-id': `s${(sessions += 1)}` });
    } else if (typeof session !== 'string')
      sendJson(response, 400, { jsonrpc: '2.0', id: null, error: { code: -32000, message: 'Server not initialized' } });
    else if (lost.has(session)) response.writeHead(404).end();
    else if (id === undefined || method === undefined) response.writeHead(202).end();
    else if (method === 'tools/list') sendResult(response, request, { tools: TOOLS });
    else if (Object.hasOwn(ASKED, String(params?.['name']))) {
      const { times, size } = ASKED[String(params?.['name'])]!;
      const asked = {
        jsonrpc: '2.0',
        id: 'r1',
        method: 'sampling/createMessage',
        params: { prompt: 'x'.repeat(size) },
      };
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`data: ${JSON.stringify(asked)}\n\n`.repeat(times));
      response.end(`data: ${JSON.stringify({ jsonrpc: '2.0', id, result: { content: [] } })}\n\n`);
    } else if (params?.['name'] === 'slow') onSlow();
    else if (method === 'resources/read') sendResult(response, request, { contents: [] });
    else sendResult(response, request, { content: [{ type: 'text', text: `${session} ${JSON.stringify(id)}` }] });
  });
  gateway = await OpenGateway.open({ policies: POLICIES, servers: { old: { url: upstream.url } } });
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

beforeEach(() => {
  upstream.seen.length = 0;
});

const url = () => `${gateway.url}/mcp/old`;
const call = (name = 'get', options = {}) => postModern(url(), 'tools/call', { name }, options);
const seen = (method: string): SeenRequest[] => upstream.seen.filter(({ message }) => message.method === method);

test('a modern client is served by a legacy server: one session, ids of our own, modern fields added', async () => {
  const { message } = await call('get', { id: 'mine' });
  expect(message).toEqual({
    jsonrpc: '2.0',
    id: 'mine',
    result: { resultType: 'complete', content: [{ type: 'text', text: 's1 1' }] },
  });
  expect(seen('initialize')[0]?.message.params).toEqual({
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'mcp-sso', version: expect.any(String) },
  });
  expect(seen('notifications/initialized')[0]?.headers['mcp-session-id']).toBe('s1');
  const [sent] = seen('tools/call');
  expect(withoutTrace(sent?.message.params)).toEqual({ name: 'get' });
  expect(sent?.headers).toMatchObject({ 'mcp-protocol-version': '2025-11-25', 'mcp-session-id': 's1' });
  expect((await call('get', { id: 'mine' })).message.result?.content?.[0]?.text).toBe('s1 2');
  const resource = await postModern(url(), 'resources/read', { uri: 'x:1' });
  expect(resource.message.result).toEqual({ resultType: 'complete', ttlMs: 0, cacheScope: 'private', contents: [] });
});

test('discover is made from initialize, and lists become modern and private', async () => {
  const discover = await postModern(url(), 'server/discover');
  expect(discover.message.result).toMatchObject({ capabilities: { tools: {} }, instructions: 'Old ways.' });
  expect((await postModern(url(), 'tools/list')).message.result).toEqual({
    resultType: 'complete',
    tools: TOOLS,
    ttlMs: 0,
    cacheScope: 'private',
  });
});

test('another sign-in has another session, and the end of a sign-in closes its own', async () => {
  const bob = await call('get', { as: 'bob' });
  expect(bob.message.result?.content?.[0]?.text).toBe('s2 1');
  gateway.identity.end('ses_bob');
  await expect
    .poll(() => upstream.seen.find(({ httpMethod }) => httpMethod === 'DELETE')?.headers['mcp-session-id'])
    .toBe('s2');
  expect((await call()).message.result?.content?.[0]?.text).toMatch(/^s1 /);
});

test('a session that the server forgot is opened again, once, and the call sent again', async () => {
  lost.add('s1');
  expect((await call()).message.result?.content?.[0]?.text).toBe('s3 1');
  expect(seen('initialize')).toHaveLength(1);
  for (const id of ['s3', 's4', 's5']) lost.add(id);
  upstream.seen.length = 0;
  const { message } = await call();
  expect(message.error?.code).toBe(-31023);
  expect(seen('tools/call')).toHaveLength(2);
  lost.clear();
});

test('what a legacy server asks of the client never reaches it; the server is told so', async () => {
  const { messages } = await call('asks');
  expect(messages).toEqual([{ jsonrpc: '2.0', id: 1, result: { resultType: 'complete', content: [] } }]);
  await expect
    .poll(() => upstream.seen.find(({ message }) => message['error'] !== undefined)?.message)
    .toEqual({ jsonrpc: '2.0', id: 'r1', error: { code: -32601, message: 'Method not found' } });
});

test('a legacy server that asks without end, or for more than can be held back, is cut off', async () => {
  const { messages } = await call('asks-often');
  expect(messages).toMatchObject([{ id: 1, error: { data: { code: 'upstream_invalid' } } }]);
  await expect(call('asks-much')).rejects.toThrow('terminated');
  expect((await gateway.records()).at(-1)).toBe('tool.call outcome old asks-much error upstream_invalid');
});

test('a cancelled call is cancelled at the legacy server, by the id that it knows', async () => {
  const started = Promise.withResolvers<void>();
  onSlow = () => started.resolve();
  const stop = new AbortController();
  const answer = sendModern(url(), 'tools/call', { name: 'slow' }, { signal: stop.signal }).then(read);
  await started.promise;
  stop.abort();
  await expect(answer).rejects.toThrow('aborted');
  await expect
    .poll(() => seen('notifications/cancelled')[0]?.message.params)
    .toEqual({ requestId: seen('tools/call')[0]?.message.id, reason: 'The client cancelled the request.' });
});

test('a call that ended is not cancelled', async () => {
  await call();
  await call();
  expect(seen('notifications/cancelled')).toEqual([]);
});

test.each([
  ['2025-03-26', undefined],
  ['2025-06-18', '2025-06-18'],
])('a server of %s hears %s as the revision of each request, and one message at a time', async (version, header) => {
  const older = await UpstreamServer.open((request, response) => {
    const { method, id } = request.message;
    const serverInfo = { name: 'older', version: '1' };
    if (method === 'server/discover') sendJson(response, 404, '');
    else if (id === undefined) response.writeHead(202).end();
    else if (method === 'initialize')
      sendResult(response, request, { protocolVersion: version, capabilities: {}, serverInfo });
    else sendResult(response, request, { content: [] });
  });
  const other = await OpenGateway.open({ policies: POLICIES, servers: { older: { url: older.url } } });
  const { message } = await postModern(`${other.url}/mcp/older`, 'tools/call', { name: 'get' });
  expect(message.result).toEqual({ resultType: 'complete', content: [] });
  const [initialized, sent] = older.seen.slice(-2);
  expect([initialized!.message.method, sent!.message.method]).toEqual(['notifications/initialized', 'tools/call']);
  expect([initialized!.headers['mcp-protocol-version'], sent!.headers['mcp-protocol-version']]).toEqual([
    header,
    header,
  ]);
  expect(older.seen.every(({ text }) => text.startsWith('{'))).toBe(true);
  await other[Symbol.asyncDispose]();
  await older[Symbol.asyncDispose]();
});

const event = (message: object, id = '') => `${id}data: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`;

test('an answer whose stream a legacy server closes early is taken up behind its last event, and the call is not sent again', async () => {
  const first = { method: 'notifications/progress', params: { progressToken: 'p', progress: 1 } };
  let called: unknown;
  const polling = await UpstreamServer.open((request, response) => {
    const { method, id } = request.message;
    if (request.httpMethod === 'GET') {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const resumed = request.headers['last-event-id'] === 'e2' && request.headers['mcp-session-id'] === 'poll';
      response.end(event({ id: called, result: { content: [], resumed } }));
    } else if (method === 'initialize') {
      const result = { protocolVersion: '2025-11-25', capabilities: {}, serverInfo: { name: 'p', version: '1' } };
      sendJson(response, 200, { jsonrpc: '2.0', id, result }, { 'mcp-session-id': 'poll' });
    } else if (method === 'tools/call') {
      called = id;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(`id: e1\nretry: 10\ndata:\n\n${event(first, 'id: e2\n')}`);
    } else response.writeHead(method === 'server/discover' ? 404 : 202).end();
  });
  const other = await OpenGateway.open({ policies: POLICIES, servers: { polling: { url: polling.url } } });
  const params = { name: 'get', _meta: { progressToken: 'p' } };
  const { messages } = await postModern(`${other.url}/mcp/polling`, 'tools/call', params);
  expect(messages).toMatchObject([first, { result: { content: [], resumed: true } }]);
  expect(polling.seen.filter(({ message }) => message.method === 'tools/call')).toHaveLength(1);
  await other[Symbol.asyncDispose]();
  await polling[Symbol.asyncDispose]();
});
