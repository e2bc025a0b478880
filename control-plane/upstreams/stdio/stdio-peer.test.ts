import { expect, test, vi } from 'vitest';
import { listenRequest } from '../listening.js';
import { HeldBytes } from './held-bytes.js';
import { StdioPeer, type PeerOptions } from './stdio-peer.js';

vi.setConfig({ testTimeout: 60_000 });

const DEPTH = 1_000_000;
const DEEP = '['.repeat(DEPTH) + ']'.repeat(DEPTH);

function peer(more: Partial<PeerOptions> = {}): StdioPeer {
  return new StdioPeer({
    firstByte: 1_000,
    idle: 1_000,
    held: 64 * 1024 * 1024,
    waiting: new HeldBytes(64 * 1024 * 1024),
    requests: 8,
    subscriptions: 8,
    shared: false,
    write: () => true,
    ...more,
  });
}

test('a message that is nested too deeply to be written again is dropped, and the answer still arrives', async () => {
  const one = peer();
  const params = { name: 'any', _meta: { progressToken: 'mine' } };
  const request = { jsonrpc: '2.0', id: 'a', method: 'tools/call', params } as const;
  const { answer, requestId } = one.send(request, new AbortController().signal);
  const progress = `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":${requestId},"x":${DEEP}}}`;
  expect(one.receive(Buffer.from(progress))).toBe(true);
  expect(one.receive(Buffer.from(`{"jsonrpc":"2.0","id":{"x":${DEEP}},"method":"ping"}`))).toBe(true);
  one.receive(Buffer.from(`{"jsonrpc":"2.0","id":${requestId},"result":{}}`));
  expect(await answer.head).toBe('json');
});

test.each(['{"toString":1}', '[1]', 'true', 'null', `[${DEEP}]`])(
  'an id of another kind belongs to no request',
  (id) => {
    const one = peer();
    one.send({ jsonrpc: '2.0', id: 'a', method: 'ping' }, new AbortController().signal);
    expect(one.receive(Buffer.from(`{"jsonrpc":"2.0","id":${id},"result":{}}`))).toBe(true);
    const progress = `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":${id}}}`;
    expect(one.receive(Buffer.from(progress))).toBe(true);
    expect(one.busy).toBe(true);
  },
);

test('what a shared server asks is put to nobody, whoever listens', () => {
  const written: string[] = [];
  const one = peer({ shared: true, write: (line) => written.push(line) > 0 });
  const asked: unknown[] = [];
  one.events.listen({
    filter: { everything: true },
    notification: () => undefined,
    asked: (request) => asked.push(request),
    ended: () => undefined,
  });
  one.receive(Buffer.from('{"jsonrpc":"2.0","id":1,"method":"elicitation/create","params":{"message":"Sure, Bob?"}}'));
  one.receive(Buffer.from('{"jsonrpc":"2.0","id":2,"method":"ping"}'));
  expect(asked).toEqual([]);
  expect(written.map((line) => JSON.parse(line) as unknown)).toEqual([
    { jsonrpc: '2.0', id: 1, error: { code: -32601, message: 'Method not found' } },
    { jsonrpc: '2.0', id: 2, result: {} },
  ]);
});

const WHO_LISTENS = { filter: { toolsListChanged: true }, ended: () => undefined };

test('subscriptions take no places of calls, have a bound of their own, and keep a process from being idle', () => {
  const one = peer({ requests: 1, subscriptions: 2 });
  const { signal } = new AbortController();
  const subscribe = () =>
    one.subscribe(listenRequest({}, WHO_LISTENS.filter), { ...WHO_LISTENS, notification: () => undefined }, signal);
  expect(one.heard).toBe(false);
  const first = subscribe();
  subscribe();
  expect([one.heard, one.busy]).toEqual([true, false]);
  expect(subscribe).toThrow('has 2 subscriptions on one channel, which is the limit (limits.listenersPerChannel).');
  const call = (): unknown => one.send({ jsonrpc: '2.0', id: 'a', method: 'tools/call' }, signal);
  call();
  expect(call).toThrow('has 1 requests under way on one channel, which is the limit (limits.requestsPerChannel).');
  first.close();
  subscribe();
});

test('a shared server’s notification reaches the subscription that it names, and no other', () => {
  const one = peer({ shared: true });
  const heard: string[] = [];
  const { signal } = new AbortController();
  for (const who of ['alice', 'bob']) {
    const notification = (): void => void heard.push(who);
    one.subscribe(listenRequest({}, WHO_LISTENS.filter), { ...WHO_LISTENS, notification }, signal);
  }
  for (const meta of [
    {},
    { _meta: { 'io.modelcontextprotocol/subscriptionId': 2 } },
    { _meta: { 'io.modelcontextprotocol/subscriptionId': 3 } },
  ]) {
    const changed = { jsonrpc: '2.0', method: 'notifications/tools/list_changed', params: meta };
    one.receive(Buffer.from(JSON.stringify(changed)));
  }
  expect(heard).toEqual(['bob']);
});

test('the messages of a batch are taken one by one, where the server speaks the revision that has them', async () => {
  const one = peer();
  const { answer, requestId } = one.send({ jsonrpc: '2.0', id: 'a', method: 'ping' }, new AbortController().signal);
  const heard: unknown[] = [];
  one.events.listen({
    filter: { everything: true, toolsListChanged: true },
    notification: ({ method }) => heard.push(method),
    ended: () => undefined,
  });
  const changed = '{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}';
  const batch = Buffer.from(`[${changed},{"jsonrpc":"2.0","id":${requestId},"result":{"n":12345678901234567890}}]`);
  expect([one.receive(batch), heard]).toEqual([false, []]);
  one.batches = true;
  expect([one.receive(batch), heard]).toEqual([true, ['notifications/tools/list_changed']]);
  const chunks: Buffer[] = [];
  expect(await answer.head).toBe('json');
  answer.read({ data: (chunk) => chunks.push(chunk) > 0, end: () => undefined, failed: () => undefined });
  expect(Buffer.concat(chunks).toString()).toContain('12345678901234567890');
});

test('a method that is no text makes a line no message, whatever it brings along', () => {
  for (const method of ['{"toString":1,"valueOf":1}', '1.0', 'null', '[]']) {
    expect(peer().receive(Buffer.from(`{"jsonrpc":"2.0","method":${method}}`))).toBe(false);
  }
});
