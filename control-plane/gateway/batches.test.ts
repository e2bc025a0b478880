import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { LegacyClient, readMessages } from './testing/legacy-client.js';
import { modernRequest, postRaw, type Posted } from './testing/mcp-post.js';
import { OpenGateway } from './testing/open-gateway.js';
import { sendJson, sendResult, textResult, UpstreamServer, type SeenRequest } from './testing/upstream-server.js';

vi.setConfig({ testTimeout: 20_000 });

const POLICIES = `
@id("engineering") @reason("Engineering may.")
permit(principal in Mcp::Group::"idp/engineering", action, resource)
unless { resource == Mcp::Tool::"far/drop" };
@id("sales") @reason("Sales may call.")
permit(principal in Mcp::Group::"idp/sales", action in Mcp::Action::"call", resource);
`;
const TOOL = { name: 'a', inputSchema: { type: 'object' } };
const LARGE = 'x'.repeat(200_000);

let far: UpstreamServer;
let gateway: OpenGateway;
/** Ends the call of the tool `slow`. */
let finishSlow: () => void = () => undefined;

beforeAll(async () => {
  far = await UpstreamServer.modern((request, response) => {
    const { params, id } = request.message;
    const name = params?.['name'];
    if (id === undefined) response.writeHead(202).end();
    else if (name === undefined) sendResult(response, request, { resultType: 'complete', tools: [TOOL] });
    else if (name === 'slow') finishSlow = () => sendResult(response, request, textResult('slow'));
    else if (name === 'large') sendResult(response, request, textResult(LARGE));
    else if (name === 'pretty') {
      sendJson(response, 200, JSON.stringify({ jsonrpc: '2.0', id, result: textResult('a\nb') }, null, 2));
    } else if (name === 'ask' && params?.['inputResponses'] === undefined) {
      const asked = { sure: { method: 'elicitation/create', params: { message: 'Sure?', requestedSchema: {} } } };
      sendResult(response, request, { resultType: 'input_required', inputRequests: asked });
    } else sendResult(response, request, textResult(JSON.stringify(name)));
  });
  gateway = await OpenGateway.open({
    policies: POLICIES,
    servers: { far: { url: far.url } },
    settings: { batchMessages: 6 },
  });
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await far[Symbol.asyncDispose]();
});

beforeEach(() => {
  far.seen.length = 0;
});

const open = (path = '/mcp/far', options = {}) =>
  LegacyClient.open(gateway.url + path, { version: '2025-03-26', ...options });
const call = (id: unknown, name: string) => ({ jsonrpc: '2.0', id, method: 'tools/call', params: { name } });
const lookAlike = (id: unknown) => ({ ...call(id, 'a'), params: { name: 'a', Name: 'drop' } });
const send = (client: LegacyClient, batch: unknown, headers = {}): Promise<Posted> =>
  postRaw(client.url, JSON.stringify(batch), { ...client.headers, ...headers });
const called = () =>
  far.seen.map(({ message }: SeenRequest) => message.params?.['name']).filter((name) => name !== undefined);

function byId({ messages }: Posted): Map<unknown, Record<string, unknown>> {
  return new Map(messages.map((message) => [message['id'], message]));
}

test.each([
  ['/mcp/far', ''],
  ['/mcp', 'far__'],
])('each message of a batch at %s has its own decision, records and answer', async (path, prefix) => {
  const client = await open(path);
  const before = (await gateway.records()).length;
  const batch = [call(1, `${prefix}a`), call('1', `${prefix}drop`), { jsonrpc: '2.0', id: 2, method: 'ping' }];
  const answer = await send(client, batch);
  expect(answer.headers.get('content-type')).toBe('text/event-stream');
  const answers = byId(answer);
  expect(answers.get(1)).toEqual({ jsonrpc: '2.0', id: 1, result: { content: textResult('"a"')['content'] } });
  expect(answers.get('1')).toMatchObject({ result: { isError: true } });
  expect(answers.get(2)).toEqual({ jsonrpc: '2.0', id: 2, result: {} });
  expect(answer.messages).toHaveLength(3);
  expect(called()).toEqual(['a']);
  expect((await gateway.records()).slice(before).toSorted()).toEqual([
    'tool.call event far drop deny',
    'tool.call intent far a allow',
    'tool.call outcome far a ok',
  ]);
});

test('a slow member holds up no other one, and large answers never run into each other', async () => {
  const client = await open();
  const response = await fetch(client.url, {
    method: 'POST',
    headers: client.headers,
    body: JSON.stringify([call(1, 'slow'), call(2, 'large'), call(3, 'large'), call(4, 'pretty')]),
  });
  const answers = new Map<unknown, unknown>();
  await readMessages(response, ({ id, result }) => {
    answers.set(id, (result as { content: { text: string }[] }).content[0]!.text);
    if (answers.size === 3) finishSlow();
  });
  expect([...answers.keys()].at(-1)).toBe(1);
  expect([2, 3, 4, 1].map((id) => answers.get(id))).toEqual([LARGE, LARGE, 'a\nb', 'slow']);
});

test('a member of a batch may ask the client, whose answers may come in a batch as well', async () => {
  const client = await open('/mcp/far', { capabilities: { elicitation: {} } });
  const response = await fetch(client.url, {
    method: 'POST',
    headers: client.headers,
    body: JSON.stringify([call(1, 'ask'), call(2, 'b')]),
  });
  const seen: unknown[] = [];
  await readMessages(response, (message) => {
    seen.push(message.method ?? message.id);
    if (message.method === undefined) return;
    void send(client, [{ jsonrpc: '2.0', id: message.id, result: { action: 'accept' } }]);
  });
  expect(seen).toHaveLength(3);
  expect(seen).toEqual(expect.arrayContaining(['elicitation/create', 1, 2]));
});

test('notifications and cancellations of a batch are taken; alone they get no body', async () => {
  const client = await open();
  const notice = { jsonrpc: '2.0', method: 'notifications/far', params: { a: 1 } };
  const alone = await send(client, [notice, notice]);
  expect([alone.status, alone.text]).toEqual([202, '']);
  const cancel = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } };
  const cancelled = await send(client, [call(1, 'slow'), call(2, 'b'), cancel]);
  expect(cancelled.messages).toMatchObject([{ id: 2 }]);
  const bob = await open('/mcp/far', { as: 'bob' });
  const denied = await send(bob, [notice]);
  expect([denied.status, denied.message.error?.data]).toMatchObject([403, { code: 'policy_denied' }]);
});

test.each([
  ['empty', [], 'The batch is empty'],
  ['with initialize', [call(1, 'a'), { jsonrpc: '2.0', id: 2, method: 'initialize' }], 'may not be part of a batch'],
  ['with an id twice', [call(1, 'a'), call(1, 'b')], 'Two requests of the batch have the same id'],
  [
    'over the bound',
    Array.from({ length: 7 }, (_, id) => call(id, 'a')),
    'more than 6 messages (limits.batchMessages)',
  ],
  ['in a batch', [[call(1, 'a')]], 'not a valid JSON-RPC message'],
  ['with something else', [call(1, 'a'), 7], 'not a valid JSON-RPC message'],
  ['with Name in its first message', [lookAlike(1), call(2, 'a')], 'differs from one of MCP in case'],
  ['with Name in its last message', [call(1, 'a'), call(2, 'a'), lookAlike(3)], 'differs from one of MCP in case'],
  ['with a request of 2026-07-28', [call(1, 'a'), modernRequest('tools/list', {}, 2)], 'part of MCP 2025-03-26 only'],
])('a batch %s is refused as a whole', async (_what, batch, reason) => {
  const { status, message } = await send(await open(), batch);
  expect([status, message.error]).toMatchObject([400, { code: -32600, message: expect.stringContaining(reason) }]);
  expect(called()).toEqual([]);
});

test.each(['2025-11-25', '2025-06-18'])('a session of %s has no batches, whatever its header says', async (version) => {
  const client = await open('/mcp/far', { version });
  for (const headers of [{}, { 'mcp-protocol-version': '2025-03-26' }, { 'mcp-protocol-version': version }]) {
    const { status, message } = await send(client, [call(1, 'a')], headers);
    const wanted = { code: -32600, message: expect.stringContaining('part of MCP 2025-03-26 only') };
    expect([status, message.error]).toMatchObject([400, wanted]);
  }
  expect(called()).toEqual([]);
});

test('a batch needs a session and a sign-in', async () => {
  const client = await open();
  const { 'mcp-session-id': _session, ...rest } = client.headers;
  const none = await postRaw(client.url, JSON.stringify([call(1, 'a')]), rest);
  expect([none.status, none.message.error?.message]).toEqual([400, expect.stringContaining('Begin with `initialize`')]);
  const stranger = await send(client, [call(1, 'a')], { authorization: 'Bearer nobody' });
  expect(stranger.status).toBe(401);
  const other = await send(client, [call(1, 'a')], { authorization: 'Bearer bob' });
  expect(other.status).toBe(404);
});

test('a client that goes away takes every call of its batch along', async () => {
  const client = await open();
  const posted = httpRequest(client.url, { method: 'POST', headers: client.headers }).on('error', () => undefined);
  posted.end(JSON.stringify([call(1, 'slow'), call(2, 'slow')]));
  await expect.poll(called, { timeout: 10_000 }).toEqual(['slow', 'slow']);
  posted.destroy();
  const last = { timeout: 10_000 };
  await expect
    .poll(() => gateway.records(), last)
    .toSatisfy((records: string[]) => records.slice(-2).every((record) => record.includes('cancelled')));
});
