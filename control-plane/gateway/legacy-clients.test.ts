import { afterAll, beforeAll, expect, test } from 'vitest';
import { OpenGateway } from './testing/open-gateway.js';
import { postRaw } from './testing/mcp-post.js';
import { sendResult, textResult, UpstreamServer, type SeenRequest } from './testing/upstream-server.js';
import { withoutTrace } from './testing/without-trace.js';

const POLICIES = `
@id("all") @reason("All may.")
permit(principal, action, resource in Mcp::Server::"crm");
`;

const TOOLS = ['get', 'slow'].map((name) => ({ name, inputSchema: { type: 'object' } }));

let upstream: UpstreamServer;
let gateway: OpenGateway;
let onSlow: (request: SeenRequest) => void = () => undefined;
let slowClosed = Promise.withResolvers<void>();

beforeAll(async () => {
  upstream = await UpstreamServer.modern((request, response) => {
    const { method, params } = request.message;
    if (method === 'tools/list') {
      sendResult(response, request, { resultType: 'complete', tools: TOOLS, ttlMs: 0, cacheScope: 'public' });
    } else if (params?.['name'] === 'slow') {
      response.on('close', () => slowClosed.resolve());
      onSlow(request);
    } else {
      sendResult(response, request, textResult('did it'));
    }
  });
  gateway = await OpenGateway.open({ policies: POLICIES, servers: { crm: { url: upstream.url } } });
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

function send(message: object, session?: string, { as = 'alice', path = '/mcp/crm', version = '2025-06-18' } = {}) {
  return postRaw(`${gateway.url}${path}`, JSON.stringify({ jsonrpc: '2.0', ...message }), {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    authorization: `Bearer ${as}`,
    ...(session === undefined ? {} : { 'mcp-session-id': session, 'mcp-protocol-version': version }),
  });
}

async function initialize(version = '2025-06-18', options = {}) {
  const params = {
    protocolVersion: version,
    capabilities: { sampling: {} },
    clientInfo: { name: 'Codex', version: '9' },
  };
  const posted = await send({ id: 0, method: 'initialize', params }, undefined, options);
  return { posted, session: posted.headers.get('mcp-session-id')! };
}

test.each([
  ['2025-06-18', '2025-06-18'],
  ['2025-11-25', '2025-11-25'],
  ['2024-11-05', '2025-11-25'],
])('initialize with %s is answered with %s, without modern fields', async (asked, answered) => {
  const { posted, session } = await initialize(asked);
  expect(posted.message).toEqual({
    jsonrpc: '2.0',
    id: 0,
    result: {
      protocolVersion: answered,
      capabilities: { tools: { listChanged: true } },
      serverInfo: { name: 'mcp-sso', version: expect.any(String) },
      instructions: 'Ask nicely.',
    },
  });
  expect(session).toMatch(/^[\w-]{50,2000}$/);
  expect((await send({ method: 'notifications/initialized' }, session)).status).toBe(202);
  expect((await send({ id: 'p', method: 'ping' }, session)).message).toEqual({ jsonrpc: '2.0', id: 'p', result: {} });
});

test('lists and calls work, and reach the upstream in the modern form with the client’s claim', async () => {
  const { session } = await initialize();
  const list = await send({ id: 1, method: 'tools/list' }, session);
  expect(list.message.result).toEqual({ tools: TOOLS });
  const params = { name: 'get', arguments: {}, _meta: { progressToken: 0 } };
  const call = await send({ id: 2, method: 'tools/call', params }, session);
  expect(call.message.result?.content).toEqual([{ type: 'text', text: 'did it' }]);
  expect(withoutTrace(upstream.calls().at(-1)?.message.params)['_meta']).toEqual({
    progressToken: 0,
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'Codex', version: '9' },
    'io.modelcontextprotocol/clientCapabilities': { sampling: {} },
  });
  const { entries } = await gateway.audit.search({ limit: 1 }, { payloads: true });
  expect(entries[0]?.client).toMatchObject({ claimedName: 'Codex', claimedVersion: '9' });
});

test('a session of another sign-in, endpoint or process, or a broken one, is not found', async () => {
  const { session } = await initialize();
  const ping = { id: 1, method: 'ping' };
  expect((await send(ping, session)).status).toBe(200);
  expect((await send(ping, session, { as: 'bob' })).status).toBe(404);
  expect((await send(ping, session, { path: '/mcp' })).status).toBe(404);
  expect((await send(ping, `${session.slice(0, -2)}AA`)).status).toBe(404);
  expect((await send(ping, 'x'.repeat(5000))).status).toBe(404);
  expect((await send(ping, '')).status).toBe(404);
  const without = await send(ping);
  expect([without.status, without.message.error?.code]).toEqual([400, -32600]);
});

test.each([
  ['longer than 8192 characters', 'x'.repeat(8193)],
  ['half a surrogate pair', 'get\ud800'],
])('a name that is %s is refused before it is judged', async (_what, name) => {
  const { session } = await initialize();
  const before = upstream.calls().length;
  const { status, message } = await send({ id: 1, method: 'tools/call', params: { name } }, session);
  expect([status, message.error?.code]).toEqual([200, -32602]);
  expect(upstream.calls()).toHaveLength(before);
});

test('what a legacy client may not ask is an error in a 200, because 404 would end its session', async () => {
  const { session } = await initialize();
  const listen = await send({ id: 1, method: 'subscriptions/listen' }, session);
  expect([listen.status, listen.message.error?.code]).toEqual([200, -32601]);
  const old = await send({ id: 1, method: 'ping' }, session, { version: '2024-11-05' });
  expect([old.status, old.message.error?.code]).toEqual([400, -32022]);
});

const end = (token: string, as = 'alice') =>
  fetch(`${gateway.url}/mcp/crm`, {
    method: 'DELETE',
    headers: { 'mcp-session-id': token, authorization: `Bearer ${as}` },
  });

test('DELETE ends a session of one’s own', async () => {
  const { session } = await initialize();
  expect((await end(session)).status).toBe(200);
  expect((await end(session, 'bob')).status).toBe(404);
  expect((await end(session, 'mallory')).status).toBe(401);
});

test('notifications/cancelled ends the call upstream, for id 0 too, and for no other session', async () => {
  for (const id of [0, '0']) {
    slowClosed = Promise.withResolvers<void>();
    const { session } = await initialize();
    const { session: other } = await initialize();
    const started = Promise.withResolvers<void>();
    onSlow = () => started.resolve();
    const answer = send({ id, method: 'tools/call', params: { name: 'slow' } }, session);
    await started.promise;
    const cancel = (from: string, requestId: unknown) =>
      send({ method: 'notifications/cancelled', params: { requestId } }, from);
    await cancel(other, id);
    await cancel(session, id === 0 ? '0' : 0);
    expect((await send({ id: 9, method: 'ping' }, session)).status).toBe(200);
    expect((await cancel(session, id)).status).toBe(202);
    const posted = await answer;
    expect([posted.status, posted.messages]).toEqual([200, []]);
    await slowClosed.promise;
    expect((await gateway.records()).at(-1)).toBe('tool.call outcome crm slow cancelled interrupted');
  }
});

test('answers to requests that we never made are taken and dropped', async () => {
  const { session } = await initialize();
  expect((await send({ id: 5, result: {} }, session)).status).toBe(202);
});
