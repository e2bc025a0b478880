import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { ENVELOPE } from './testing/app.js';
import { event, stream, succeed, type Received, type Script } from './testing/control-plane.js';
import { stage, type Stage } from './testing/stage.js';

const ID = 'io.modelcontextprotocol/subscriptionId';
const LISTS = { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true };

interface Listener {
  readonly received: Received;
  readonly response: ServerResponse;
}

/** A signed-in legacy app at a control plane that acknowledges what `honoured` leaves of the filter. */
async function listening(honoured: (filter: JsonObject) => JsonObject = (filter) => filter) {
  const at = await stage((received, response) => succeed(received, response, {}));
  const opened: Listener[] = [];
  const waiting: (() => void)[] = [];
  at.plane.listening = ((received, response) => {
    stream(response);
    event(response, {
      jsonrpc: '2.0',
      method: 'notifications/subscriptions/acknowledged',
      params: { _meta: { [ID]: received.message['id'] }, notifications: honoured(filterOf(received)) },
    });
    opened.push({ received, response });
    for (const resolve of waiting.splice(0)) resolve();
  }) satisfies Script;
  /** The stream that was opened as the `count`-th. */
  const nth = async (count: number): Promise<Listener> => {
    while (opened.length < count) await new Promise<void>((resolve) => waiting.push(resolve));
    return opened[count - 1]!;
  };
  return { at, nth };
}

function filterOf(received: Received): JsonObject {
  return (received.message['params'] as JsonObject)['notifications'] as JsonObject;
}

async function open(at: Stage): Promise<void> {
  await at.app.ask({ id: 'first', method: 'x/y' });
}

test('a legacy app hears what the control plane announces, without the marks of newer revisions', async () => {
  const { at, nth } = await listening();
  await using _at = at;
  expect(at.plane.listens).toEqual([]);
  await open(at);
  const { received, response } = await nth(1);
  expect(received.headers).toMatchObject({ authorization: 'DPoP good', 'mcp-method': 'subscriptions/listen' });
  expect(filterOf(received)).toEqual(LISTS);
  const meta = { [ID]: received.message['id'] };
  event(response, { jsonrpc: '2.0', method: 'notifications/tools/list_changed', params: { _meta: meta } });
  event(response, { jsonrpc: '2.0', method: 'notifications/x', params: { _meta: { ...meta, y: 1 }, big: 1 } });
  expect(await at.app.next()).toEqual({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' });
  expect(await at.app.next()).toEqual({
    jsonrpc: '2.0',
    method: 'notifications/x',
    params: { big: 1, _meta: { y: 1 } },
  });
});

test('complaint 14, a stream that breaks is opened again, and the app is told that it may have missed something', async () => {
  const { at, nth } = await listening();
  await using _at = at;
  await open(at);
  (await nth(1)).response.destroy();
  await nth(2);
  const methods = [await at.app.next(), await at.app.next(), await at.app.next()].map(({ method }) => method);
  expect(methods).toEqual([
    'notifications/tools/list_changed',
    'notifications/prompts/list_changed',
    'notifications/resources/list_changed',
  ]);
});

test('a legacy app subscribes to a resource and leaves it; the old stream ends after the new one stands', async () => {
  const { at, nth } = await listening();
  await using _at = at;
  await open(at);
  const before = await nth(1);
  const ended = once(before.response, 'close');
  const params = { uri: 'file:///a' };
  expect(await at.app.ask({ id: 1, method: 'resources/subscribe', params })).toEqual({
    jsonrpc: '2.0',
    id: 1,
    result: {},
  });
  await ended;
  const during = await nth(2);
  expect(filterOf(during.received)).toEqual({ ...LISTS, resourceSubscriptions: ['file:///a'] });
  event(during.response, {
    jsonrpc: '2.0',
    method: 'notifications/resources/updated',
    params: { ...params, _meta: {} },
  });
  expect(await at.app.next()).toEqual({ jsonrpc: '2.0', method: 'notifications/resources/updated', params });
  expect(await at.app.ask({ id: 2, method: 'resources/unsubscribe', params })).toMatchObject({ id: 2, result: {} });
  expect(filterOf((await nth(3)).received)).toEqual(LISTS);
});

test('a resource that the server does not tell of is refused, and one that is no text too', async () => {
  const { at } = await listening(() => LISTS);
  await using _at = at;
  expect(await at.app.ask({ id: 1, method: 'resources/subscribe', params: { uri: 'file:///a' } })).toMatchObject({
    id: 1,
    error: { code: -32601, message: expect.stringContaining('does not tell') },
  });
  const long = { uri: `file:///${'a'.repeat(8_192)}` };
  expect(await at.app.ask({ id: 3, method: 'resources/subscribe', params: long })).toMatchObject({
    error: { code: -32602 },
  });
  expect(await at.app.ask({ id: 2, method: 'resources/subscribe', params: {} })).toMatchObject({
    error: { code: -32602 },
  });
});

test('a modern app’s subscription goes out as it is, and what comes back too', async () => {
  const { at, nth } = await listening((filter) => ({ ...filter, promptsListChanged: false }));
  await using _at = at;
  const notifications = { toolsListChanged: true, promptsListChanged: true, resourceSubscriptions: ['file:///a'] };
  const request = {
    jsonrpc: '2.0',
    id: 'l',
    method: 'subscriptions/listen',
    params: { notifications, _meta: ENVELOPE },
  };
  expect(await at.app.ask(request)).toEqual({
    jsonrpc: '2.0',
    method: 'notifications/subscriptions/acknowledged',
    params: { _meta: { [ID]: 'l' }, notifications: { ...notifications, promptsListChanged: false } },
  });
  const { received, response } = await nth(1);
  expect(received.text).toBe(JSON.stringify(request));
  response.write('data: {"jsonrpc":"2.0",\ndata: "method":"notifications/resources/updated","params":{"big":1.0}}\n\n');
  await at.app.next();
  expect(at.app.lines.at(-1)).toBe(
    '{"jsonrpc":"2.0", "method":"notifications/resources/updated","params":{"big":1.0}}',
  );
  const ended = once(response, 'close');
  at.app.send({ method: 'notifications/cancelled', params: { requestId: 'l' } });
  await ended;
});

test('the acknowledgement comes first, however close a change follows', async () => {
  await using at = await stage((received, response) => succeed(received, response, {}));
  at.plane.listening = (_received, response) => {
    stream(response);
    const lines = ['subscriptions/acknowledged', 'tools/list_changed', 'prompts/list_changed'];
    response.write(lines.map((name) => `data: {"jsonrpc":"2.0","method":"notifications/${name}"}\n\n`).join(''));
  };
  at.app.send({ id: 'l', method: 'subscriptions/listen', params: { notifications: LISTS, _meta: ENVELOPE } });
  const methods = [await at.app.next(), await at.app.next(), await at.app.next()].map(({ method }) => method);
  expect(methods).toEqual([
    'notifications/subscriptions/acknowledged',
    'notifications/tools/list_changed',
    'notifications/prompts/list_changed',
  ]);
});

test('requests and answers on a stream of changes are not passed on', async () => {
  const { at, nth } = await listening();
  await using _at = at;
  await open(at);
  const { response } = await nth(1);
  event(response, { jsonrpc: '2.0', id: 1, method: 'sampling/createMessage', params: {} });
  await nth(2);
  expect(at.app.untaken.join('')).not.toContain('sampling');
});

test('streams end with the bridge', async () => {
  const { at, nth } = await listening();
  await open(at);
  const ended = once((await nth(1)).response, 'close');
  expect(await at.app.quit()).toBe(0);
  await ended;
  await at[Symbol.asyncDispose]();
});
