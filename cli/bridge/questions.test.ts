import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { Questions } from './questions.js';
import { App, ENVELOPE, LEGACY_CLIENT } from './testing/app.js';
import { json, ScriptedControlPlane, succeed, type Received, type Script } from './testing/control-plane.js';
import { MemorySession } from './testing/session.js';
import { stage } from './testing/stage.js';

const FORM = { method: 'elicitation/create', params: { message: 'Which one?', requestedSchema: { type: 'object' } } };
const CALL = { method: 'tools/call', params: { name: 'delete', arguments: { id: 7 } } };
const AWAY = { jsonrpc: '2.0', id: null, error: { code: -31503, message: 'no', data: { code: 'shutting_down' } } };

/** Asks until there are answers. */
function asking(inputRequests: JsonObject, requestState?: string): Script {
  const asked = {
    resultType: 'input_required',
    inputRequests,
    ...(requestState === undefined ? {} : { requestState }),
  };
  return (received, response) =>
    succeed(received, response, paramsOf(received)['inputResponses'] ? { done: true } : asked);
}

function paramsOf(received: Received | undefined): JsonObject {
  return received?.message['params'] as JsonObject;
}

test('a server’s questions reach a legacy app as requests; the answers go back with the state, under a new id', async () => {
  const state = '{"opaque": 1.0}=';
  await using at = await stage(asking({ which: FORM, where: { method: 'roots/list' } }, state));
  at.app.send({ id: 1, ...CALL });
  const [which, where] = [await at.app.next(), await at.app.next()];
  expect(which).toEqual({ jsonrpc: '2.0', id: 'mcp-sso-1', ...FORM });
  expect(where).toEqual({ jsonrpc: '2.0', id: 'mcp-sso-2', method: 'roots/list', params: {} });
  at.app.send({ id: where['id'], result: { roots: [] } });
  at.app.send(`{"jsonrpc":"2.0","id":"mcp-sso-1","result":{"action":"accept","content":{"id":12345678901234567890}}}`);
  expect(await at.app.next()).toEqual({ jsonrpc: '2.0', id: 1, result: { done: true } });
  const [first, second] = at.plane.received;
  expect(paramsOf(second)).toMatchObject({ ...CALL.params, requestState: state, _meta: paramsOf(first)['_meta'] });
  expect(second?.text).toContain('"which":{"action":"accept","content":{"id":12345678901234567890}}');
  expect(second?.message['id']).not.toBe(first?.message['id']);
  expect(second?.headers['mcp-name']).toBe('delete');
});

test('a question without a state is answered without one, and a second round forgets the first', async () => {
  const rounds: JsonObject[] = [{ a: FORM }, { b: FORM }];
  await using at = await stage((received, response) => {
    const inputRequests = rounds[at.plane.received.length - 1];
    succeed(received, response, inputRequests ? { resultType: 'input_required', inputRequests } : { done: true });
  });
  at.app.send({ id: 1, ...CALL });
  for (const action of ['accept', 'decline']) {
    const { id } = await at.app.next();
    at.app.send({ id, result: { action } });
  }
  expect(await at.app.next()).toMatchObject({ id: 1, result: { done: true } });
  expect(at.plane.received.map((received) => paramsOf(received)['inputResponses'])).toEqual([
    undefined,
    { a: { action: 'accept' } },
    { b: { action: 'decline' } },
  ]);
  expect(at.plane.received.some((received) => 'requestState' in paramsOf(received))).toBe(false);
});

test('an address is put to an app that opens addresses, with the id that older revisions want', async () => {
  const url = { method: 'elicitation/create', params: { mode: 'url', url: 'https://a.example/', message: 'Open.' } };
  await using at = await stage(asking({ url }));
  const plain = await at.app.ask({ id: 1, ...CALL });
  expect(plain).toMatchObject({ id: 1, result: { isError: true } });
  expect(JSON.stringify(plain)).toContain('this AI app cannot be asked for');
  const params = { ...LEGACY_CLIENT, capabilities: { elicitation: { url: {} } } };
  await at.app.ask({ id: 2, method: 'initialize', params });
  const question = await at.app.ask({ id: 3, ...CALL });
  expect(question['params']).toEqual({ ...url.params, elicitationId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
});

test('an app that answers with an error ends the call, and its other questions are taken back', async () => {
  await using at = await stage(asking({ a: FORM, b: FORM }));
  at.app.send({ id: 1, ...CALL });
  const [first, second] = [await at.app.next(), await at.app.next()];
  at.app.send({ id: first['id'], error: { code: -1, message: 'SECRET' } });
  const messages = [await at.app.next(), await at.app.next()];
  expect(messages).toContainEqual({
    jsonrpc: '2.0',
    method: 'notifications/cancelled',
    params: { requestId: second['id'] },
  });
  expect(messages).toContainEqual({
    jsonrpc: '2.0',
    id: 1,
    result: { isError: true, content: [{ type: 'text', text: expect.stringContaining('got no answer') }] },
  });
  at.app.send({ id: second['id'], result: { action: 'accept' } });
  expect(await at.app.ask({ id: 2, method: 'ping' })).toMatchObject({ id: 2, result: {} });
  expect(at.plane.received).toHaveLength(1);
  expect(at.app.log.join('')).not.toContain('SECRET');
});

test('a cancelled call takes its question back', async () => {
  await using at = await stage(asking({ a: FORM }));
  const { id } = await at.app.ask({ id: 1, ...CALL });
  at.app.send({ method: 'notifications/cancelled', params: { requestId: 1 } });
  expect(await at.app.next()).toMatchObject({ method: 'notifications/cancelled', params: { requestId: id } });
});

test.each([
  ['an app without that capability', { method: 'sampling/createMessage', params: {} }],
  ['a method that asks nobody', { method: 'tools/call', params: { name: 'x' } }],
  ['something that is no request', 'question'],
])('%s is not asked, which is said', async (_name, question) => {
  await using at = await stage(asking({ question }));
  await at.app.ask({ id: 'again', method: 'initialize', params: { capabilities: { elicitation: {} } } });
  expect(await at.app.ask({ id: 1, ...CALL })).toMatchObject({
    id: 1,
    result: { isError: true, content: [{ text: expect.stringContaining('cannot be asked for') }] },
  });
});

test('a server that never stops asking is given up after ten rounds', async () => {
  await using at = await stage((received, response) =>
    succeed(received, response, { resultType: 'input_required', inputRequests: {}, requestState: 's' }),
  );
  expect(await at.app.ask({ id: 1, ...CALL })).toMatchObject({ id: 1, result: { isError: true } });
  expect(at.plane.received).toHaveLength(11);
});

test('a later round that fails is told under the id of the call', async () => {
  await using at = await stage((received, response) => {
    if (paramsOf(received)['inputResponses'] === undefined) return asking({ a: FORM })(received, response, undefined!);
    return json(response, 400, { jsonrpc: '2.0', id: received.message['id'], error: { code: -32602, message: 'no' } });
  });
  const { id } = await at.app.ask({ id: 1, method: 'prompts/get', params: { name: 'x' } });
  expect(await at.app.ask({ id, result: { action: 'accept' } })).toEqual({
    jsonrpc: '2.0',
    id: 1,
    error: { code: -32602, message: 'no' },
  });
});

test('a later round is as patient as the first, and asks nobody twice', async () => {
  await using at = await stage((received, response) => {
    if (at.plane.received.length === 2) return json(response, 503, AWAY);
    return asking({ a: FORM }, 's')(received, response, undefined!);
  });
  const { id } = await at.app.ask({ id: 1, ...CALL });
  expect(await at.app.ask({ id, result: { action: 'accept' } })).toMatchObject({ id: 1, result: { done: true } });
  const [, refused, taken] = at.plane.received;
  expect(at.plane.received).toHaveLength(3);
  expect(taken?.text).toBe(refused?.text);
  expect(taken?.headers['dpop']).not.toBe(refused?.headers['dpop']);
});

test.each(['refuses', 'is away'])(
  'answers that cannot be sent leave the outcome open where the control plane %s',
  async (how) => {
    const plane = new ScriptedControlPlane((received, response) =>
      plane.received.length > 1 ? json(response, 503, AWAY) : asking({ a: FORM }, 's')(received, response, undefined!),
    );
    const session = new MemorySession(await plane.listen(), 'good');
    const app = new App(async () => session, { patience: 0 });
    await app.initialize();
    const { id } = await app.ask({ id: 1, ...CALL });
    if (how === 'is away') await plane[Symbol.asyncDispose]();
    expect(await app.ask({ id, result: { action: 'accept' } })).toMatchObject({
      id: 1,
      result: { isError: true, content: [{ text: expect.stringContaining('not known whether it took effect') }] },
    });
    await app.quit();
    expect(app.untaken).toEqual([]);
    if (how === 'refuses') await plane[Symbol.asyncDispose]();
  },
);

test('a modern app gets the questions as they are and makes its rounds itself', async () => {
  await using at = await stage(asking({ a: FORM }, 's'));
  const params = { ...CALL.params, _meta: ENVELOPE };
  expect(await at.app.ask({ id: 2, method: 'tools/call', params })).toMatchObject({
    id: 2,
    result: { resultType: 'input_required', inputRequests: { a: FORM }, requestState: 's' },
  });
});

test('an open question does not keep the bridge when the app is gone', async () => {
  await using at = await stage(asking({ a: FORM }));
  await at.app.ask({ id: 1, ...CALL });
  at.app.stdin.end();
  await once(at.app.stdin, 'end');
  expect(await at.app.exit).toBe(0);
});

test('a call that is cancelled while the app does not read ends its question, and not the bridge', async () => {
  const reading = Promise.withResolvers<void>();
  const questions = new Questions({ send: () => reading.promise });
  const call = new AbortController();
  const asked = questions.ask('roots/list', {}, call.signal);
  call.abort(new Error('cancelled'));
  await setImmediate();
  reading.resolve();
  await expect(asked).rejects.toThrow('cancelled');
});
