import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { OpenGateway } from './testing/open-gateway.js';
import { postModern, postRaw, sendModern } from './testing/mcp-post.js';
import { sendResult, textResult, UpstreamServer, type Handler } from './testing/upstream-server.js';

vi.setConfig({ testTimeout: 20_000 });

const POLICIES = `
@id("all") @reason("All may.")
permit(principal, action, resource);
`;
const TOOLS = Array.from({ length: 1_100 }, (_none, n) => ({ name: `tool-${n}`, inputSchema: {} }));

const handlers = new Map<string, Handler>();
let upstream: UpstreamServer;
let other: UpstreamServer;
let gateway: OpenGateway;

beforeAll(async () => {
  upstream = await UpstreamServer.modern((request, response) => {
    const { method, params } = request.message;
    if (method === 'tools/list') sendResult(response, request, { resultType: 'complete', tools: TOOLS });
    else void handlers.get(String(params?.['name']))!(request, response);
  });
  other = await UpstreamServer.modern((request, response) =>
    sendResult(response, request, { resultType: 'complete', tools: TOOLS.slice(0, 3) }),
  );
  gateway = await OpenGateway.open({
    policies: POLICIES,
    servers: { x: { url: upstream.url }, y: { url: other.url } },
    settings: {
      requestBytes: 2_048,
      nesting: 12,
      bodySeconds: 3,
      callsPerPerson: 2,
      callSeconds: 5,
      firstByteSeconds: 1,
      idleSeconds: 1,
      listItems: 1_050,
      answerBytes: 100_000,
    },
  });
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
});

const url = () => `${gateway.url}/mcp/x`;
const call = (name: string, more: object = {}) => postModern(url(), 'tools/call', { name, ...more });
const begin = (response: ServerResponse) => response.writeHead(200, { 'content-type': 'text/event-stream' });

test.each([
  [
    { text: 'x'.repeat(3_000) },
    413,
    'request_too_large',
    'The request is larger than 2048 bytes (limits.requestBytes). Send less.',
  ],
  [
    { deep: JSON.parse(`${'['.repeat(12)}${']'.repeat(12)}`) as unknown },
    400,
    'request_invalid',
    'The message is nested deeper than 12 levels (limits.nesting). Send flatter arguments.',
  ],
])('a request that is too large or too deep is refused with its bound', async (args, status, code, message) => {
  const answer = await call('any', { arguments: args });
  expect(answer.status).toBe(status);
  expect(answer.message.error).toMatchObject({ message, data: { code } });
});

test('a request that does not arrive is refused with the time that it had', async () => {
  const asked = httpRequest(url(), {
    method: 'POST',
    headers: { authorization: 'Bearer alice', 'content-type': 'application/json', 'content-length': '100' },
  });
  asked.write('{');
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  expect([answer.statusCode, JSON.parse(await textOf(answer))]).toMatchObject([
    400,
    { error: { message: 'The request did not arrive within 3 s (limits.bodySeconds). Send it again.' } },
  ]);
  asked.destroy();
});

test.each<[string, Handler, string, string]>([
  [
    'silence',
    () => undefined,
    'upstream_timeout',
    'The MCP server did not begin to answer within 1 s (limits.firstByteSeconds). It is not known whether the call took effect.',
  ],
  [
    'a stream that falls silent',
    (_request, response) => void begin(response).write(': here\n\n'),
    'upstream_timeout',
    'The MCP server fell silent in its answer for 1 s (limits.idleSeconds). It is not known whether the call took effect.',
  ],
  [
    'a stream without end',
    (_request, response) => {
      begin(response);
      const timer = setInterval(() => response.write(': still here\n\n'), 100);
      response.once('close', () => clearInterval(timer));
    },
    'upstream_timeout',
    'The call took longer than 5 s (limits.callSeconds). It is not known whether it took effect.',
  ],
  [
    'notifications without end',
    (_request, response) => {
      begin(response);
      const text = JSON.stringify({
        jsonrpc: '2.0',
        method: 'notifications/message',
        params: { data: 'x'.repeat(9_000) },
      });
      for (let n = 0; n < 20; n += 1) response.write(`data: ${text}\n\n`);
    },
    'upstream_invalid',
    'The answer of the MCP server is larger than 100000 bytes (limits.answerBytes). Ask for less. It is not known whether it took effect.',
  ],
])('%s ends with the bound that it met', async (name, handler, code, message) => {
  handlers.set(name, handler);
  expect((await call(name)).message.error).toMatchObject({ message, data: { code } });
});

test('one person has so many calls at once, over all their clients, and others are not in the way', async () => {
  const waiting: (() => void)[] = [];
  const two = Promise.withResolvers<void>();
  handlers.set('wait', (request, response) => {
    waiting.push(() => sendResult(response, request, textResult('done')));
    if (waiting.length === 2) two.resolve();
  });
  const answers = [call('wait'), call('wait')];
  await two.promise;
  const third = await call('wait');
  expect(third.status).toBe(429);
  expect(third.message.error).toMatchObject({
    message:
      'You have 2 calls or streams under way, which is the limit (limits.callsPerPerson). Try again when one has ended.',
  });
  const bob = postModern(url(), 'tools/list', {}, { as: 'bob' });
  expect((await bob).message.result).toBeDefined();
  for (const end of waiting) end();
  expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200]);
});

const notify = (as: string) =>
  postRaw(url(), JSON.stringify({ jsonrpc: '2.0', method: 'notifications/far', params: { name: 'keep' } }), {
    'content-type': 'application/json',
    'mcp-protocol-version': '2026-07-28',
    authorization: `Bearer ${as}`,
  });

test('notifications take the places of calls, and end with their sign-in', async () => {
  const arrived: ServerResponse[] = [];
  const two = Promise.withResolvers<void>();
  handlers.set('keep', (_request, response) => {
    if (arrived.push(response) === 2) two.resolve();
  });
  const kept = [notify('bob'), notify('bob')];
  await two.promise;
  const closed = arrived.map((response) => once(response, 'close'));
  for (const answer of [await notify('bob'), await postModern(url(), 'tools/call', { name: 'any' }, { as: 'bob' })]) {
    expect([answer.status, answer.message.error?.message]).toEqual([
      429,
      'You have 2 calls or streams under way, which is the limit (limits.callsPerPerson). Try again when one has ended.',
    ]);
  }
  gateway.identity.end('ses_bob');
  const codes = (await Promise.all(kept)).map(({ status, message }) => [status, message.error?.data?.['code']]);
  expect(codes).toEqual([
    [401, 'session_ended'],
    [401, 'session_ended'],
  ]);
  await Promise.all(closed);
});

async function pages(endpoint: string, as = 'alice'): Promise<string[][]> {
  const found: string[][] = [];
  let cursor: unknown;
  do {
    const params = cursor === undefined ? {} : { cursor };
    const { message } = await postModern(endpoint, 'tools/list', params, { as });
    found.push((message.result!['tools'] as { name: string }[]).map(({ name }) => name));
    cursor = message.result!['nextCursor'];
  } while (cursor !== undefined);
  return found;
}

test('a long list comes in pages that follow one another, across servers and at one', async () => {
  const all = await pages(`${gateway.url}/mcp`);
  expect(all.map(({ length }) => length)).toEqual([1_000, 53]);
  expect(all[1]!.slice(48)).toEqual(['x__tool-1048', 'x__tool-1049', 'y__tool-0', 'y__tool-1', 'y__tool-2']);
  const one = await pages(url());
  expect(one.map(({ length }) => length)).toEqual([1_000, 50]);
  expect(new Set(one.flat()).size).toBe(1_050);
});

const described = async (path: string) => (await postModern(gateway.url + path, 'server/discover')).message.result!;

test('a list that is cut says so, and which bound it met, in what the server and all servers say of themselves', async () => {
  const sentence = 'Shown only in part, because a list is longer than 1050 items (limits.listItems): x.';
  expect((await described('/mcp/x'))['instructions']).toBe(`Ask nicely.\n\n${sentence}`);
  expect((await described('/mcp/y'))['instructions']).toBe('Ask nicely.');
  const { instructions, _meta } = await described('/mcp');
  expect(instructions).toContain(sentence);
  expect(_meta).toMatchObject({
    'dev.mcp-sso/servers': [
      { id: 'x', reachable: true, cutBy: 'limits.listItems' },
      { id: 'y', reachable: true },
    ],
  });
});

test('a cursor opens for its sign-in, endpoint and list only, and not where it was changed', async () => {
  const { message } = await postModern(`${gateway.url}/mcp`, 'tools/list');
  const cursor = String(message.result!['nextCursor']);
  const changed = `${cursor.slice(0, -2)}${cursor.endsWith('AA') ? 'BB' : 'AA'}`;
  for (const [endpoint, method, as, given] of [
    ['/mcp', 'tools/list', 'bob', cursor],
    ['/mcp/x', 'tools/list', 'alice', cursor],
    ['/mcp', 'prompts/list', 'alice', cursor],
    ['/mcp', 'tools/list', 'alice', changed],
    ['/mcp', 'tools/list', 'alice', 'x'.repeat(1_000)],
    ['/mcp', 'tools/list', 'alice', 7],
  ] as const) {
    const { message: refused } = await postModern(gateway.url + endpoint, method, { cursor: given }, { as });
    expect([endpoint, method, as, refused.error?.code]).toEqual([endpoint, method, as, -32602]);
  }
});

test('two hundred megabytes to a client that reads slowly do not fill memory', { timeout: 60_000 }, async () => {
  const size = 200 * 1024 * 1024;
  const roomy = await OpenGateway.open({ policies: POLICIES, servers: { x: { url: upstream.url } } });
  const piece = Buffer.alloc(1024 * 1024, 'x');
  // What the server has sent and the client has not read is held on the way. Memory as such is measured by test/load.
  let ahead = 0;
  let read = 0;
  handlers.set('flood', async (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write('{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","content":[{"type":"text","text":"');
    for (let sent = 0; sent < size; sent += piece.length) {
      if (!response.write(piece)) await new Promise((resolve) => void response.once('drain', resolve));
      ahead = Math.max(ahead, sent - read);
    }
    response.end('"}]}}');
  });
  const response = await sendModern(`${roomy.url}/mcp/x`, 'tools/call', { name: 'flood' });
  for await (const chunk of response.body!) {
    read += (chunk as Uint8Array).length;
    await new Promise((resolve) => void setImmediate(resolve));
  }
  expect(read).toBeGreaterThan(size);
  expect(ahead).toBeLessThan(32 * 1024 * 1024);
  await roomy[Symbol.asyncDispose]();
});
