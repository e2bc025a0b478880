import { expect, test, vi } from 'vitest';
import { CodedError } from '#shared/errors.js';
import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { App, ENVELOPE } from './testing/app.js';
import { ScriptedControlPlane, succeed } from './testing/control-plane.js';
import { MemorySession } from './testing/session.js';

const ORIGIN = 'http://127.0.0.1:9';
const URL_TO_OPEN = `${ORIGIN}/oauth/authorize?request=1`;
const CHANGES = [
  'notifications/tools/list_changed',
  'notifications/prompts/list_changed',
  'notifications/resources/list_changed',
];

function listening(notifications: JsonObject): JsonObject {
  return { notifications, _meta: ENVELOPE };
}

test('complaint 2, initialize is answered while the control plane cannot even be looked up', async () => {
  const never = Promise.withResolvers<MemorySession>();
  const app = new App(() => never.promise);
  expect(await app.initialize()).toEqual({
    jsonrpc: '2.0',
    id: 0,
    result: {
      protocolVersion: '2025-11-25',
      capabilities: {
        tools: { listChanged: true },
        resources: { listChanged: true, subscribe: true },
        prompts: { listChanged: true },
        logging: {},
        completions: {},
      },
      serverInfo: { name: 'mcp-sso', version: '0.1.0' },
      instructions: expect.stringContaining('sign_in'),
    },
  });
  expect(await app.ask({ id: 1, method: 'ping' })).toEqual({ jsonrpc: '2.0', id: 1, result: {} });
});

test.each([
  ['2025-06-18', '2025-06-18'],
  ['2025-03-26', '2025-03-26'],
  ['2024-11-05', '2025-11-25'],
  [undefined, '2025-11-25'],
])('initialize with version %s is answered with %s', async (protocolVersion, answered) => {
  const app = new App(async () => new MemorySession(ORIGIN));
  const answer = await app.ask({ id: 'a', method: 'initialize', params: { protocolVersion } });
  expect(answer).toMatchObject({ id: 'a', result: { protocolVersion: answered } });
});

test('server/discover is answered at once, and another modern version is refused with those spoken', async () => {
  const app = new App(async () => new MemorySession(ORIGIN));
  expect(await app.ask({ id: 0, method: 'server/discover', params: { _meta: ENVELOPE } })).toMatchObject({
    id: 0,
    result: {
      resultType: 'complete',
      supportedVersions: ['2026-07-28'],
      ttlMs: 0,
      cacheScope: 'private',
      _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'mcp-sso', version: '0.1.0' } },
    },
  });
  const future = { ...ENVELOPE, 'io.modelcontextprotocol/protocolVersion': '2099-01-01' };
  expect(await app.ask({ id: 1, method: 'server/discover', params: { _meta: future } })).toMatchObject({
    error: { code: -32022, data: { supported: ['2026-07-28'], requested: '2099-01-01' } },
  });
});

test('a request of no era is refused before it reaches anyone', async () => {
  const app = new App(async () => new MemorySession(ORIGIN));
  expect(await app.ask({ id: 1, method: 'tools/list' })).toMatchObject({ id: 1, error: { code: -32602 } });
});

test('signed out, one tool is listed and the browser is opened once', async () => {
  const session = new MemorySession(ORIGIN);
  const app = new App(async () => session);
  await app.initialize();
  const answer = await app.ask({ id: 1, method: 'tools/list' });
  expect(answer).toMatchObject({ result: { tools: [{ name: 'sign_in', title: 'Sign in' }] } });
  expect(answer['result']).not.toHaveProperty('ttlMs');
  expect(await app.ask({ id: 2, method: 'prompts/list' })).toMatchObject({ result: { prompts: [] } });
  expect(await app.ask({ id: 3, method: 'resources/list' })).toMatchObject({ result: { resources: [] } });
  expect(await app.ask({ id: 4, method: 'resources/templates/list' })).toMatchObject({
    result: { resourceTemplates: [] },
  });
  expect(session.begun).toEqual([{ openBrowser: true }]);
});

test('a sign-in that came to nothing is not started again by itself', async () => {
  const session = new MemorySession(ORIGIN);
  const app = new App(async () => session);
  await app.initialize();
  await app.ask({ id: 1, method: 'tools/list' });
  session.fail();
  await vi.waitFor(() => expect(app.log).toContainEqual(expect.stringContaining('code=sign_in_failed')));
  app.now = 9 * 60_000;
  await app.ask({ id: 2, method: 'tools/list' });
  expect(session.begun).toHaveLength(1);
});

test('the tool sign_in answers with the address and does not wait for the person', async () => {
  const session = new MemorySession(ORIGIN);
  const app = new App(async () => session);
  await app.initialize();
  const answer = await app.ask({ id: 1, method: 'tools/call', params: { name: 'sign_in', arguments: {} } });
  expect(answer).toMatchObject({
    id: 1,
    result: { content: [{ type: 'text', text: expect.stringContaining(URL_TO_OPEN) }] },
  });
  expect(answer['result']).not.toHaveProperty('isError');
  await app.ask({ id: 2, method: 'tools/call', params: { name: 'sign_in' } });
  expect(session.begun).toHaveLength(1);
});

test('where no browser can be shown nothing starts by itself, and sign_in names an address and the code to type', async () => {
  const session = new MemorySession(ORIGIN);
  session.startsByItself = false;
  session.code = 'BCDF-GHJK';
  const app = new App(async () => session);
  await app.initialize();
  await app.ask({ id: 1, method: 'tools/list' });
  expect(session.begun).toEqual([]);
  const answer = await app.ask({ id: 2, method: 'tools/call', params: { name: 'sign_in' } });
  expect(answer).toMatchObject({
    result: {
      content: [
        {
          text:
            `To sign in, open ${URL_TO_OPEN} in a browser on any computer and type the code BCDF-GHJK\n` +
            'The code is good for ten minutes. The tools appear when the sign-in is done.',
        },
      ],
    },
  });
});

test('any other call says that it was not made, and how to sign in', async () => {
  const app = new App(async () => new MemorySession(ORIGIN));
  await app.initialize();
  const call = await app.ask({ id: 1, method: 'tools/call', params: { name: 'crm__list' } });
  expect(call).toMatchObject({ result: { isError: true } });
  expect(JSON.stringify(call)).toContain('This call was not made.');
  expect(JSON.stringify(call)).toContain(URL_TO_OPEN);
  expect(await app.ask({ id: 2, method: 'prompts/get', params: { name: 'x' } })).toMatchObject({
    error: { code: -31001, message: expect.stringContaining(URL_TO_OPEN) },
  });
});

test('when the sign-in completes, a legacy app hears that all lists changed, once', async () => {
  const session = new MemorySession(ORIGIN);
  const app = new App(async () => session);
  await app.initialize();
  await app.ask({ id: 1, method: 'tools/list' });
  session.complete('good');
  expect([await app.next(), await app.next(), await app.next()].map((message) => message['method'])).toEqual(CHANGES);
  session.signInElsewhere('good');
  expect(await app.ask({ id: 2, method: 'tools/call', params: { name: 'sign_in' } })).toMatchObject({
    result: { content: [{ text: 'You are signed in.' }] },
  });
});

test('a modern app hears of a sign-in in another process on the subscription that it opened, and only there', async () => {
  const session = new MemorySession(ORIGIN);
  const app = new App(async () => session);
  expect(
    await app.ask({
      id: 'listen:0',
      method: 'subscriptions/listen',
      params: listening({ toolsListChanged: true, promptsListChanged: false, resourceSubscriptions: ['file:///a'] }),
    }),
  ).toEqual({
    jsonrpc: '2.0',
    method: 'notifications/subscriptions/acknowledged',
    params: {
      _meta: { 'io.modelcontextprotocol/subscriptionId': 'listen:0' },
      notifications: { toolsListChanged: true },
    },
  });
  await app.ask({ id: 0, method: 'subscriptions/listen', params: listening({ toolsListChanged: true }) });
  expect(await app.ask({ id: 1, method: 'tools/list', params: { _meta: ENVELOPE } })).toMatchObject({
    result: { resultType: 'complete', ttlMs: 0, cacheScope: 'private', tools: [{ name: 'sign_in' }] },
  });
  app.send({ method: 'notifications/cancelled', params: { requestId: 'listen:0' } });
  app.send({ id: 2, method: 'server/discover', params: { _meta: ENVELOPE } });
  await app.next();
  session.signInElsewhere('good');
  expect(await app.next()).toEqual({
    jsonrpc: '2.0',
    method: 'notifications/tools/list_changed',
    params: { _meta: { 'io.modelcontextprotocol/subscriptionId': 0 } },
  });
  await app.quit();
  expect(app.untaken).toEqual([]);
});

test('a subscription without a filter is refused', async () => {
  const app = new App(async () => new MemorySession(ORIGIN));
  expect(await app.ask({ id: 1, method: 'subscriptions/listen', params: { _meta: ENVELOPE } })).toMatchObject({
    id: 1,
    error: { code: -32602 },
  });
});

test('without a control plane, the tool says what to run and nothing is opened; later the tools appear', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  try {
    const session = new MemorySession(ORIGIN, 'good');
    let configured = false;
    const app = new App(async () => {
      if (configured) return session;
      throw new CodedError('config_invalid', { message: 'No control plane is set.' });
    });
    await app.initialize();
    expect(await app.ask({ id: 1, method: 'tools/list' })).toMatchObject({ result: { tools: [{ name: 'sign_in' }] } });
    const text = expect.stringContaining('mcp-sso login --url https://');
    expect(await app.ask({ id: 2, method: 'tools/call', params: { name: 'sign_in' } })).toMatchObject({
      result: { content: [{ type: 'text', text }] },
    });
    expect(session.begun).toEqual([]);
    configured = true;
    vi.advanceTimersByTime(5_000);
    expect(await app.next()).toMatchObject({ method: 'notifications/tools/list_changed' });
  } finally {
    vi.useRealTimers();
  }
});

test('complaint 8, a session that ends takes the tools away and starts one new sign-in', async () => {
  await using plane = new ScriptedControlPlane((received, response) => succeed(received, response, { tools: [] }));
  const session = new MemorySession(await plane.listen(), 'good');
  const app = new App(async () => session);
  await app.initialize();
  expect(await app.ask({ id: 1, method: 'tools/list' })).toMatchObject({ result: { tools: [] } });
  session.signOut();
  app.send({ id: 2, method: 'tools/call', params: { name: 'crm__list' } });
  const messages = [await app.next(), await app.next(), await app.next(), await app.next()];
  expect(messages.map((message) => message['method'] ?? message['id'])).toEqual([...CHANGES, 2]);
  expect(session.begun).toEqual([{ openBrowser: true }]);
});
