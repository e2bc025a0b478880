import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { OpenGateway } from './testing/open-gateway.js';
import { postModern, read, sendModern } from './testing/mcp-post.js';
import { sendJson, sendResult, textResult, UpstreamServer, type Handler } from './testing/upstream-server.js';

const POLICIES = `
@id("all") @reason("All may.")
permit(principal, action, resource);
`;
const SECRET = 'stream-secret/0123456789';

const handlers = new Map<string, Handler>();
let upstream: UpstreamServer;
let gateway: OpenGateway;

beforeAll(async () => {
  upstream = await UpstreamServer.modern((request, response) =>
    handlers.get(String(request.message.params?.['name']))!(request, response),
  );
  gateway = await OpenGateway.open({
    policies: POLICIES,
    servers: {
      x: { url: upstream.url, credential: { kind: 'bearer', secret: 'env:KEY' } },
    },
    environment: { KEY: SECRET },
    limits: { idle: 1_500 },
  });
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

const url = () => `${gateway.url}/mcp/x`;
const call = (name: string) => postModern(url(), 'tools/call', { name });
const event = (message: object) => `event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`;
const beginEvents = (response: ServerResponse) => response.writeHead(200, { 'content-type': 'text/event-stream' });
const last = async () => (await gateway.records()).at(-1);

test('progress arrives while the call is under way, then the result', async () => {
  const release = Promise.withResolvers<void>();
  handlers.set('progress', async (request, response) => {
    beginEvents(response);
    response.write('id: 1\ndata: \n\n');
    response.write(event({ method: 'notifications/progress', params: { progressToken: 0, progress: 1 } }));
    await release.promise;
    response.end(event({ id: request.message.id, result: textResult('done') }));
  });
  const response = await sendModern(url(), 'tools/call', { name: 'progress', _meta: { progressToken: 0 } });
  const reader = response.body!.getReader();
  const first = Buffer.from((await reader.read()).value).toString();
  expect(first).toBe(
    'data: {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":0,"progress":1}}\n\n',
  );
  release.resolve();
  let rest = '';
  for (let part = await reader.read(); !part.done; part = await reader.read())
    rest += Buffer.from(part.value).toString();
  expect(rest).toBe(
    'data: {"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","content":[{"type":"text","text":"done"}]}}\n\n',
  );
  expect(response.headers.get('content-type')).toBe('text/event-stream');
});

test.each(['json', 'events'])(
  'five megabytes as %s flow: the first byte arrives before the last is sent',
  async (form) => {
    const release = Promise.withResolvers<void>();
    handlers.set(form, async (request, response) => {
      if (form === 'json') response.writeHead(200, { 'content-type': 'application/json' });
      else beginEvents(response);
      response.write(
        `${form === 'json' ? '' : 'data: '}{"result":{"resultType":"complete","content":[{"type":"text","text":"`,
      );
      for (let n = 0; n < 40; n += 1) response.write('x'.repeat(65_536));
      await release.promise;
      for (let n = 0; n < 40; n += 1) response.write('y'.repeat(65_536));
      response.end(`"}]},"jsonrpc":"2.0","id":${JSON.stringify(request.message.id)}}${form === 'json' ? '' : '\n\n'}`);
    });
    const response = await sendModern(url(), 'tools/call', { name: form }, { id: 'big' });
    const reader = response.body!.getReader();
    const first = await reader.read();
    release.resolve();
    const chunks = [Buffer.from(first.value)];
    for (let part = await reader.read(); !part.done; part = await reader.read()) chunks.push(Buffer.from(part.value));
    const { message } = await read(new Response(Buffer.concat(chunks), { headers: response.headers }));
    expect(message.id).toBe('big');
    expect(message.result?.content?.[0]?.text.length).toBe(80 * 65_536);
    expect(await last()).toBe(`tool.call outcome x ${form} ok`);
  },
);

test('a client that does not read stops the upstream from sending', { timeout: 20_000 }, async () => {
  let sent = 0;
  const blocked = Promise.withResolvers<void>();
  handlers.set('flood', (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write('{"result":{"content":[{"type":"text","text":"');
    const chunk = Buffer.alloc(65_536, 'x');
    const pump = (): void => {
      while (response.write(chunk)) sent += chunk.length;
      sent += chunk.length;
      const stuck = setTimeout(() => blocked.resolve(), 700);
      response.once('drain', () => {
        clearTimeout(stuck);
        if (sent < 200 * 1024 * 1024) pump();
        else blocked.reject(new Error('nothing held the upstream back'));
      });
    };
    pump();
  });
  const stop = new AbortController();
  // Kept until the end: fetch closes the connection of a response that was collected as garbage.
  const unread = await sendModern(url(), 'tools/call', { name: 'flood' }, { signal: stop.signal });
  await blocked.promise;
  expect(sent).toBeLessThan(64 * 1024 * 1024);
  stop.abort();
  await expect(unread.text()).rejects.toThrow('aborted');
});

test('a modern client cancels by closing its answer: the upstream sees it, and so does the audit', async () => {
  const closed = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  handlers.set('long', (_request, response) => {
    beginEvents(response).flushHeaders();
    response.on('close', () => closed.resolve());
    started.resolve();
  });
  const stop = new AbortController();
  const answer = sendModern(url(), 'tools/call', { name: 'long' }, { signal: stop.signal }).then((response) =>
    response.text(),
  );
  await started.promise;
  stop.abort();
  await expect(answer).rejects.toThrow('aborted');
  await closed.promise;
  await expect.poll(last).toBe('tool.call outcome x long cancelled interrupted');
});

test('a call outlives its token only while the person is still there', async () => {
  handlers.set('outlives', async (request, response) => {
    await delay(300);
    if (!response.destroyed) sendResult(response, request, textResult('late'));
  });
  gateway.identity.tokenLife = 100;
  gateway.identity.left.add('ses_bob');
  const [alice, bob] = await Promise.all([
    call('outlives'),
    postModern(url(), 'tools/call', { name: 'outlives' }, { as: 'bob' }),
  ]).finally(() => (gateway.identity.tokenLife = 300_000));
  expect(alice.message.result?.content?.[0]?.text).toBe('late');
  expect([bob.status, bob.message.error?.code]).toEqual([200, -31004]);
});

test('the end of the sign-in ends its calls and no others', async () => {
  const started = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let count = 0;
  const release = Promise.withResolvers<void>();
  handlers.set('session', async (request, response) => {
    started[count++]!.resolve();
    await release.promise;
    if (!response.destroyed) sendResult(response, request, textResult('late'));
  });
  const alice = call('session');
  await started[0]!.promise;
  const bob = postModern(url(), 'tools/call', { name: 'session' }, { as: 'bob' });
  await started[1]!.promise;
  gateway.identity.end('ses_alice');
  const posted = await alice;
  // A 401 would make clients sign in again and send the call a second time.
  expect([posted.status, posted.message.error?.code]).toEqual([200, -31004]);
  expect(posted.message.error?.message).toContain('It is not known whether it took effect.');
  expect(posted.headers.get('www-authenticate')).toBeNull();
  release.resolve();
  expect((await bob).message.result?.content?.[0]?.text).toBe('late');
});

test('a credential that the upstream echoes is masked, whole, encoded, in pieces and in progress', async () => {
  const base64 = Buffer.from(SECRET).toString('base64');
  handlers.set('echo', (request, response) => {
    beginEvents(response);
    const progress = event({ method: 'notifications/progress', params: { message: `used ${SECRET}` } });
    response.write(progress.slice(0, 90));
    setImmediate(() => {
      response.write(progress.slice(90));
      const text = `Bearer ${SECRET} ${base64} ${encodeURIComponent(SECRET)} end`;
      const result = event({ id: request.message.id, result: textResult(text) });
      for (const character of result) response.write(character);
      response.end();
    });
  });
  const { text, message } = await call('echo');
  expect(text).not.toContain(SECRET);
  expect(text).not.toContain(base64.slice(0, 20));
  expect(text).not.toContain(encodeURIComponent(SECRET));
  expect(message.result?.content?.[0]?.text).toBe('Bearer [redacted] [redacted] [redacted] end');
  handlers.set('echo-error', (_request, response) =>
    sendJson(response, 400, { jsonrpc: '2.0', id: 1, error: { code: -32000, message: `bad key ${SECRET}` } }),
  );
  expect((await call('echo-error')).message.error?.message).toBe('bad key [redacted]');
  handlers.set('echo-large', (request, response) =>
    sendResult(response, request, textResult(`${'x'.repeat(65_500)}${SECRET}${'y'.repeat(80_000)}`)),
  );
  const large = await call('echo-large');
  expect(large.text).not.toContain(SECRET);
  expect(large.message.result?.content?.[0]?.text.length).toBe(65_500 + 80_000 + '[redacted]'.length);
});

test('more than 32 calls of one sign-in at once are refused', async () => {
  const release = Promise.withResolvers<void>();
  let arrived = 0;
  handlers.set('wait', async (request, response) => {
    arrived += 1;
    await release.promise;
    sendResult(response, request, textResult('ok'));
  });
  const calls = Array.from({ length: 32 }, () => call('wait'));
  await expect.poll(() => arrived, { timeout: 10_000 }).toBe(32);
  const refused = await call('wait');
  expect([refused.status, refused.message.error?.code]).toEqual([429, -31429]);
  release.resolve();
  expect(new Set((await Promise.all(calls)).map(({ status }) => status))).toEqual(new Set([200]));
});
