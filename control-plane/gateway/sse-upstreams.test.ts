import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ActiveCatalog } from '../catalog/active-catalog.js';
import { settingsSchema } from '../config/settings.js';
import { OpenGateway } from './testing/open-gateway.js';
import { postModern, read, sendModern } from './testing/mcp-post.js';
import { UpstreamServer, type SeenRequest } from './testing/upstream-server.js';

const POLICIES = `
@id("all") @reason("All may.")
permit(principal, action, resource);
`;
const SECRET = 'sse-secret-0123456789';

/** A server of 2024-11-05, as its revision describes it: one stream for each client, answers on the stream. */
class OldServer {
  readonly streams = new Map<string, ServerResponse>();
  /** What the endpoint event names; `{id}` stands for the session. */
  endpoint = '/messages?sessionId={id}';
  /** HTTP status of the next message that is no handshake. */
  status = 202;
  /** Whether it answers the handshake as a server of another revision. */
  refuses = false;
  onCall: (request: SeenRequest, stream: ServerResponse) => void = (request, stream) =>
    this.say(stream, { id: request.message.id, result: { content: [{ type: 'text', text: 'done' }] } });

  readonly handle = (request: SeenRequest, response: ServerResponse): void => {
    const { message } = request;
    const url = new URL(request.url, 'http://x');
    if (request.httpMethod === 'GET') {
      const id = `s${this.streams.size + 1}`;
      this.streams.set(id, response);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`: hello\r\n\r\nevent: endpoint\r\ndata: ${this.endpoint.replace('{id}', id)}\r\n\r\n`);
      return;
    }
    const stream = this.streams.get(url.searchParams.get('sessionId') ?? '');
    if (request.httpMethod !== 'POST' || !stream) {
      response.writeHead(404).end();
      return;
    }
    const call = message.method === 'tools/call';
    response.writeHead(call ? this.status : 202).end('Accepted');
    const error = { code: -32601, message: 'Method not found' };
    if (this.refuses) this.say(stream, { id: message.id, error });
    else if (message.method === 'initialize') {
      const serverInfo = { name: 'old', version: '1' };
      const result = { protocolVersion: '2024-11-05', capabilities: { tools: {} }, serverInfo, instructions: 'Old.' };
      this.say(stream, { id: message.id, result });
    } else if (message.method === 'tools/list') {
      this.say(stream, { id: message.id, result: { tools: [{ name: 'get', inputSchema: {} }] } });
    } else if (call && this.status === 202) this.onCall(request, stream);
  };

  say(stream: ServerResponse, message: object): void {
    stream.write(`event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`);
  }
}

let old: OldServer;
let upstream: UpstreamServer;
let gateway: OpenGateway;

beforeEach(async () => {
  old = new OldServer();
  upstream = await UpstreamServer.open(old.handle);
  gateway = await OpenGateway.open({
    policies: POLICIES,
    servers: {
      old: { url: upstream.url, transport: 'sse', credential: { kind: 'bearer', secret: 'env:KEY' } },
    },
    environment: { KEY: SECRET },
    limits: { question: 1_500, idle: 1_500 },
  });
});

afterEach(async () => {
  await gateway[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

const url = () => `${gateway.url}/mcp/old`;
const call = (name = 'get', options = {}) => postModern(url(), 'tools/call', { name }, options);
const posted = (method: string) => upstream.seen.filter(({ message }) => message.method === method);
const gets = () => upstream.seen.filter(({ httpMethod }) => httpMethod === 'GET');

test('lists and calls travel by POST, answers come on the one stream, each to its own request', async () => {
  const list = await postModern(url(), 'tools/list');
  expect(list.message.result).toMatchObject({
    resultType: 'complete',
    tools: [{ name: 'get' }],
    cacheScope: 'private',
  });
  const waiting: SeenRequest[] = [];
  old.onCall = (request, stream) => {
    waiting.unshift(request);
    if (waiting.length < 2) return;
    for (const { message } of waiting) {
      const text = String(message.params?.['name']);
      old.say(stream, { id: message.id, result: { content: [{ type: 'text', text }] } });
    }
  };
  const answers = await Promise.all([call('one', { id: 'x' }), call('two', { id: 'x' })]);
  expect(answers.map(({ message }) => message.result?.content?.[0]?.text)).toEqual(['one', 'two']);
  expect(answers[0].message).toMatchObject({ id: 'x', result: { resultType: 'complete' } });
  expect(gets()).toHaveLength(1);
  expect(gets()[0]!.headers).toMatchObject({ accept: 'text/event-stream', authorization: `Bearer ${SECRET}` });
  expect(upstream.seen.map(({ message }) => message.method).slice(1, 3)).toEqual([
    'initialize',
    'notifications/initialized',
  ]);
  expect(upstream.seen.every(({ headers }) => headers['mcp-protocol-version'] === undefined)).toBe(true);
  expect((await postModern(url(), 'server/discover')).message.result).toMatchObject({ instructions: 'Old.' });
});

test('progress arrives before the result, under the token of the client', async () => {
  old.onCall = ({ message }, stream) => {
    const meta = message.params?.['_meta'] as { progressToken: unknown };
    old.say(stream, { method: 'notifications/progress', params: { progressToken: meta.progressToken, progress: 1 } });
    old.say(stream, { id: message.id, result: { content: [] } });
  };
  const { messages } = await postModern(url(), 'tools/call', { name: 'get', _meta: { progressToken: 'mine' } });
  expect(messages).toMatchObject([{ params: { progressToken: 'mine', progress: 1 } }, { result: { content: [] } }]);
});

test.each(['absolute', 'relative'])('an %s endpoint of the same origin is used', async (form) => {
  const { origin } = new URL(upstream.url);
  old.endpoint = form === 'absolute' ? `${origin}/messages?sessionId={id}` : 'messages?sessionId={id}';
  expect((await call()).message.result?.content?.[0]?.text).toBe('done');
});

test('an endpoint of another origin gets neither the credential nor the call', async () => {
  const thief = await UpstreamServer.open((_request, response) => void response.writeHead(202).end());
  old.endpoint = `${thief.url}?sessionId={id}`;
  const { message, text } = await call();
  expect(message.error?.data).toMatchObject({ code: 'upstream_unreachable' });
  expect(text).not.toContain(SECRET);
  expect(thief.seen).toEqual([]);
  expect(upstream.seen.filter(({ httpMethod }) => httpMethod === 'POST')).toEqual([]);
  await thief[Symbol.asyncDispose]();
});

test('a stream that dies takes its calls along as unknown; the next call opens another, and nothing is sent again', async () => {
  old.onCall = (_request, stream) => void stream.destroy();
  const { message } = await call();
  expect(message.error?.data).toMatchObject({ code: 'outcome_unknown' });
  expect(posted('tools/call')).toHaveLength(1);
  old.onCall = (request, stream) => old.say(stream, { id: request.message.id, result: { content: [] } });
  expect((await call()).message.result).toEqual({ resultType: 'complete', content: [] });
  expect(gets()).toHaveLength(2);
  expect((await gateway.records()).filter((record) => record.includes('outcome'))).toEqual([
    'tool.call outcome old get unknown outcome_unknown',
    'tool.call outcome old get ok',
  ]);
});

test.each([
  [401, 'upstream_refused'],
  [400, 'upstream_invalid'],
  [404, 'upstream_unreachable'],
  [503, 'outcome_unknown'],
])('a message answered with %i is %s, at once and once', async (status, code) => {
  old.status = status;
  expect((await call()).message.error?.data).toMatchObject({ code });
  expect(posted('tools/call')).toHaveLength(1);
  old.status = 202;
  expect((await call()).message.result?.content?.[0]?.text).toBe('done');
  expect(gets()).toHaveLength(status === 404 ? 2 : 1);
});

test('silence on the stream is a time-out, and the server is told that nobody waits', async () => {
  old.onCall = () => undefined;
  expect((await call()).message.error?.data).toMatchObject({ code: 'upstream_timeout' });
  await expect
    .poll(() => posted('notifications/cancelled')[0]?.message.params?.['requestId'])
    .toBe(posted('tools/call')[0]!.message.id);
});

test('a client that goes away is told to the server; others of the stream go on', async () => {
  const started = Promise.withResolvers<void>();
  old.onCall = () => started.resolve();
  const stop = new AbortController();
  const answer = sendModern(url(), 'tools/call', { name: 'get' }, { signal: stop.signal }).then(read);
  await started.promise;
  stop.abort();
  await expect(answer).rejects.toThrow('aborted');
  await expect.poll(() => posted('notifications/cancelled')).toHaveLength(1);
  old.onCall = (request, stream) => old.say(stream, { id: request.message.id, result: { content: [] } });
  expect((await call()).message.result).toBeDefined();
  expect(gets()).toHaveLength(1);
});

test('each sign-in has a stream of its own, which ends with it', async () => {
  await call();
  await call('get', { as: 'bob' });
  expect(gets()).toHaveLength(2);
  const ended = new Promise((resolve) => void old.streams.get('s2')!.once('close', resolve));
  gateway.identity.end('ses_bob');
  await ended;
  expect((await call()).message.result).toBeDefined();
  expect(gets()).toHaveLength(2);
});

test.each([
  [
    'a server without such a stream',
    (response: ServerResponse) => response.writeHead(405).end(),
    'upstream_unreachable',
  ],
  ['a closed door', (response: ServerResponse) => response.writeHead(403).end(), 'upstream_refused'],
  ['a failing server', (response: ServerResponse) => response.writeHead(500).end(), 'upstream_unreachable'],
  ['silence', () => undefined, 'upstream_unreachable'],
  [
    'a stream without an endpoint',
    (response: ServerResponse) => response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders(),
    'upstream_unreachable',
  ],
] as const)('%s is said before anything is sent', async (_what, answer, code) => {
  const odd = await UpstreamServer.open((_request, response) => void answer(response));
  const other = await OpenGateway.open({
    policies: POLICIES,
    servers: { odd: { url: odd.url, transport: 'sse' } },
    limits: { question: 500 },
  });
  const { message } = await postModern(`${other.url}/mcp/odd`, 'tools/call', { name: 'get' });
  expect(message.error?.data).toMatchObject({ code });
  expect(odd.seen.map(({ httpMethod }) => httpMethod)).toEqual(['GET']);
  await other[Symbol.asyncDispose]();
  await odd[Symbol.asyncDispose]();
});

test('a server that was updated in place is greeted anew by the next call: nothing of its revision is remembered', async () => {
  old.refuses = true;
  expect((await call()).message.error?.data).toMatchObject({ code: 'upstream_unreachable' });
  old.refuses = false;
  expect((await call()).message.result).toBeDefined();
  expect(gets()).toHaveLength(2);
});

test('one that has no stream any more says which setting to remove', async () => {
  const odd = await UpstreamServer.open((_request, response) => void response.writeHead(405).end());
  const other = await OpenGateway.open({ policies: POLICIES, servers: { odd: { url: odd.url, transport: 'sse' } } });
  const { message } = await postModern(`${other.url}/mcp/odd`, 'tools/call', { name: 'get' });
  expect(message.error?.message).toBe(
    'The MCP server opens no event stream. If it was updated, remove `transport: sse` from its settings. The call was not made.',
  );
  await other[Symbol.asyncDispose]();
  await odd[Symbol.asyncDispose]();
});

test('an event larger than the limit ends the stream, and says so', async () => {
  old.onCall = (_request, stream) => {
    stream.write('data: ');
    const piece = Buffer.alloc(1024 * 1024, 'x');
    for (let n = 0; n < 18; n += 1) stream.write(piece);
  };
  const { message } = await call();
  expect(message.error).toMatchObject({
    message:
      'A message of the MCP server is larger than 16777216 bytes (limits.messageBytes). Ask for less. It is not known whether it took effect.',
    data: { code: 'upstream_invalid' },
  });
});

test('a stream ends when its server changes or goes, after the call that it carries, and the next call opens another', async () => {
  const catalog = gateway.app.get(ActiveCatalog, { strict: false });
  const activate = (servers: Record<string, object>): void => {
    const settings = settingsSchema.parse({ publicUrl: 'http://127.0.0.1', identity: { providers: {} }, servers });
    catalog.activate({ ...catalog.latest, servers: settings.servers });
  };
  const held = Promise.withResolvers<() => void>();
  old.onCall = ({ message }, stream) => {
    const result = { content: [{ type: 'text', text: 'late' }] };
    held.resolve(() => old.say(stream, { id: message.id, result }));
  };
  const first = call();
  const answer = await held.promise;
  const settings = { url: upstream.url, transport: 'sse' };
  activate({ old: settings });
  old.onCall = (request, stream) => old.say(stream, { id: request.message.id, result: { content: [] } });
  expect((await call()).message.result).toEqual({ resultType: 'complete', content: [] });
  expect(gets().map(({ headers }) => headers.authorization)).toEqual([`Bearer ${SECRET}`, undefined]);
  answer();
  expect((await first).message.result?.content?.[0]?.text).toBe('late');
  const [before, after] = [...old.streams.values()];
  await expect.poll(() => [before!.destroyed, after!.destroyed]).toEqual([true, false]);
  activate({});
  await expect.poll(() => after!.destroyed).toBe(true);
  expect((await call()).message.error?.data).toMatchObject({ code: 'server_unknown' });
});
