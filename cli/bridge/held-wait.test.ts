import { expect, test, vi } from 'vitest';
import type { JsonObject } from '#shared/mcp/json-rpc.js';
import type { HeldPatience } from './held-wait.js';
import { App, ENVELOPE, LEGACY_CLIENT } from './testing/app.js';
import {
  event,
  json,
  keptPort,
  ScriptedControlPlane,
  stream,
  succeed,
  type Received,
} from './testing/control-plane.js';
import { MemorySession } from './testing/session.js';
import { stage } from './testing/stage.js';

const CALL = { method: 'tools/call', params: { name: 'crm__delete', arguments: { id: 7 } } };
const TOKEN = { ...CALL, params: { ...CALL.params, _meta: { progressToken: 0 } } };
const PROMPT = { method: 'elicitation/create', params: { message: 'Somebody approves.', requestedSchema: {} } };
const PAGE = { method: 'elicitation/create', params: { mode: 'url', url: 'https://cp.example/approvals/apr_1' } };
const QUESTION = { resultType: 'input_required', inputRequests: { a: PROMPT }, requestState: 'theirs' };
const DONE = { content: [{ type: 'text', text: 'deleted' }] };
const WAIT = { timeout: 10_000 };
const LAST = { approval: { action: 'cancel' }, connection: { action: 'cancel' } };
/** As much as a test has; no request is the last one. */
const LONG: HeldPatience = { unheard: 60_000, heard: 60_000, round: 0, pause: 1 };
const NONE: HeldPatience = { unheard: 0, heard: 60_000, round: 1, pause: 1 };

/** As the control plane says that the call waits; it seals a state of its own each time. */
function waits(state: string, prompt?: JsonObject): JsonObject {
  const approval = { id: 'apr_1', url: PAGE.params.url, message: 'Ask somebody of okta/leads.' };
  return {
    resultType: 'input_required',
    ...(prompt ? { inputRequests: { approval: prompt } } : {}),
    requestState: state,
    _meta: { 'dev.mcp-sso/approval': approval },
  };
}

const paramsOf = ({ message }: Received): JsonObject => message['params'] as JsonObject;
const stateOf = (received: Received): unknown => paramsOf(received)['requestState'];
const answersOf = (received: Received): unknown => paramsOf(received)['inputResponses'];

const arrived = (plane: ScriptedControlPlane, count: number): Promise<void> =>
  vi.waitFor(() => expect(plane.received).toHaveLength(count), WAIT);

test('a held call comes back with the state of the last answer, more often than a server may ask', async () => {
  await using at = await stage(
    (received, response) => {
      const count = at.plane.received.length;
      succeed(received, response, count <= 13 ? waits(`{"n": ${count}.0}`) : DONE);
    },
    undefined,
    { heldPatience: LONG },
  );
  expect(await at.app.ask({ id: 1, ...CALL })).toEqual({ jsonrpc: '2.0', id: 1, result: DONE });
  const { received } = at.plane;
  expect(received.map(stateOf)).toEqual([
    undefined,
    ...Array.from({ length: 13 }, (_, index) => `{"n": ${index + 1}.0}`),
  ]);
  expect(received.slice(1).map(answersOf)).toEqual(Array.from({ length: 13 }, () => ({})));
  expect(new Set(received.map(({ message }) => message['id'])).size).toBe(14);
  const sent = received.map((each) => [paramsOf(each)['arguments'], paramsOf(each)['_meta']]);
  expect(sent).toEqual(sent.map(() => sent[0]));
});

test('the app shows the prompt, nobody waits for its answer, and it is taken back at the end', async () => {
  const released = Promise.withResolvers<void>();
  await using at = await stage(
    async (received, response) => {
      if (stateOf(received) === undefined) return succeed(received, response, waits('s', PROMPT));
      await released.promise;
      return succeed(received, response, DONE);
    },
    undefined,
    { heldPatience: LONG },
  );
  const { id, ...prompt } = await at.app.ask({ id: 1, ...CALL });
  expect(prompt).toEqual({ jsonrpc: '2.0', ...PROMPT });
  await arrived(at.plane, 2);
  released.resolve();
  const messages = [await at.app.next(), await at.app.next()];
  expect(messages).toContainEqual({ jsonrpc: '2.0', id: 1, result: DONE });
  const takenBack = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id } };
  expect(messages).toContainEqual(takenBack);
});

test.each(['accept', 'decline', 'cancel', 'error'])('an app that answers %s approves nothing', async (action) => {
  let heard = false;
  await using at = await stage(
    async (received, response) => {
      if (stateOf(received) === undefined) return succeed(received, response, waits('1', PROMPT));
      if (heard) return succeed(received, response, DONE);
      const { id } = await at.app.next();
      const content = { approved: true, approval: { action: 'approve' } };
      at.app.send(
        action === 'error' ? { id, error: { code: -1, message: 'no' } } : { id, result: { action, content } },
      );
      await at.app.ask({ id: 'ping', method: 'ping' });
      heard = true;
      return succeed(received, response, waits('2', PROMPT));
    },
    undefined,
    { heldPatience: LONG },
  );
  at.app.send({ id: 1, ...CALL });
  await vi.waitFor(() => expect(heard && at.app.untaken.length).toBe(1), WAIT);
  expect(await at.app.next()).toMatchObject({ id: 1, result: DONE });
  const goesOn = action === 'accept' || action === 'error';
  expect(at.plane.received.map(answersOf)).toEqual([undefined, {}, goesOn ? {} : LAST]);
});

test('an address is shown only to an app that opens addresses', async () => {
  await using at = await stage(
    (received, response) => succeed(received, response, stateOf(received) === undefined ? waits('s', PAGE) : DONE),
    undefined,
    { heldPatience: LONG },
  );
  expect(await at.app.ask({ id: 1, ...CALL })).toMatchObject({ id: 1, result: DONE });
  const params = { ...LEGACY_CLIENT, capabilities: { elicitation: { url: {} } } };
  await at.app.ask({ id: 2, method: 'initialize', params });
  expect(await at.app.ask({ id: 3, ...CALL })).toMatchObject({
    method: 'elicitation/create',
    params: { ...PAGE.params, elicitationId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
  });
});

test('before the app gives up, the last request asks not to wait, and its answer is the call’s', async () => {
  const askAgain = {
    isError: true,
    content: [{ type: 'text', text: 'Make the same call again once it is approved.' }],
  };
  await using at = await stage(
    (received, response) => succeed(received, response, stateOf(received) === undefined ? waits('s') : askAgain),
    undefined,
    { heldPatience: NONE },
  );
  expect(await at.app.ask({ id: 1, ...CALL })).toEqual({ jsonrpc: '2.0', id: 1, result: askAgain });
  expect(at.plane.received.map(answersOf)).toEqual([undefined, LAST]);
});

test('an app that hears of progress waits longer, and hears it; one that gave up on that does not', async () => {
  const gaveUp = Promise.withResolvers<void>();
  await using at = await stage(
    (received, response) => {
      if (at.plane.received.length > 3) return void response.once('close', gaveUp.resolve);
      if (stateOf(received) === undefined) return succeed(received, response, waits('s'));
      stream(response);
      const message = 'This call waits for somebody else.';
      const params = { progressToken: 0, progress: 0.000_001 * at.plane.received.length, message };
      event(response, { jsonrpc: '2.0', method: 'notifications/progress', params });
      event(response, { jsonrpc: '2.0', id: received.message['id'], result: waits('s') });
      return void response.end();
    },
    undefined,
    { heldPatience: NONE },
  );
  expect(await at.app.ask({ id: 1, ...TOKEN })).toMatchObject({
    method: 'notifications/progress',
    params: { progressToken: 0, message: 'This call waits for somebody else.' },
  });
  await arrived(at.plane, 4);
  expect(at.plane.received.map(answersOf)).toEqual([undefined, {}, {}, {}]);
  at.app.send({ method: 'notifications/cancelled', params: { requestId: 1 } });
  await gaveUp.promise;
  at.plane.script = (received, response) =>
    succeed(received, response, stateOf(received) === undefined ? waits('s') : { content: [] });
  at.app.send({ id: 2, ...TOKEN });
  await arrived(at.plane, 6);
  expect(at.plane.received.map(answersOf).slice(4)).toEqual([undefined, LAST]);
});

test('who cancels ends the request that waits, and the prompt', async () => {
  const ended = Promise.withResolvers<void>();
  await using at = await stage(
    (received, response) => {
      if (stateOf(received) === undefined) return succeed(received, response, waits('s', PROMPT));
      response.once('close', ended.resolve);
      return undefined;
    },
    undefined,
    { heldPatience: LONG },
  );
  const { id } = await at.app.ask({ id: 1, ...CALL });
  await arrived(at.plane, 2);
  at.app.send({ method: 'notifications/cancelled', params: { requestId: 1 } });
  expect(await at.app.next()).toMatchObject({ method: 'notifications/cancelled', params: { requestId: id } });
  await ended.promise;
  expect(await at.app.ask({ id: 2, method: 'ping' })).toMatchObject({ id: 2 });
  expect(at.plane.received).toHaveLength(2);
});

test('a request that waits survives the end of the control plane, and a proxy that breaks it off', async () => {
  const port = await keptPort();
  const first = new ScriptedControlPlane((received, response) =>
    stateOf(received) === undefined ? succeed(received, response, waits('s')) : undefined,
  );
  const session = new MemorySession(await first.listen(port), 'good');
  const app = new App(async () => session, { heldPatience: LONG });
  await app.initialize();
  app.send({ id: 1, ...CALL });
  await arrived(first, 2);
  await first[Symbol.asyncDispose]();
  await using next = new ScriptedControlPlane((received, response) => {
    const count = next.received.length;
    if (count === 1) return void response.destroy();
    if (count === 2) return void response.writeHead(502).end('<html>');
    if (count === 3) {
      const error = { code: -31503, message: 'stopping', data: { code: 'shutting_down' } };
      return json(response, 200, { jsonrpc: '2.0', id: received.message['id'], error });
    }
    return succeed(received, response, DONE);
  });
  await next.listen(port);
  expect(await app.next()).toMatchObject({ id: 1, result: DONE });
  expect(next.received.map(stateOf)).toEqual(['s', 's', 's', 's']);
  await app.quit();
});

test('one that breaks off with the patience at its end is looked after once more, and then it is said', async () => {
  await using at = await stage(
    (received, response) => {
      if (stateOf(received) === undefined) return succeed(received, response, waits('s'));
      return void response.destroy();
    },
    undefined,
    { heldPatience: { ...NONE, unheard: 5, round: 1 } },
  );
  expect(await at.app.ask({ id: 1, ...CALL })).toMatchObject({
    id: 1,
    result: { isError: true, content: [{ text: expect.stringContaining('not known whether it took effect') }] },
  });
  expect(at.plane.received.map(answersOf).at(-1)).toEqual(LAST);
});

test('what the server asks after the approval is put to the app, and broken off it is never sent again', async () => {
  await using at = await stage(
    (received, response) => {
      if (stateOf(received) === undefined) return succeed(received, response, waits('s'));
      if (stateOf(received) === 's') return succeed(received, response, QUESTION);
      return void response.destroy();
    },
    undefined,
    { heldPatience: LONG },
  );
  const { id } = await at.app.ask({ id: 1, ...CALL });
  expect(await at.app.ask({ id, result: { action: 'accept' } })).toMatchObject({
    id: 1,
    result: { isError: true, content: [{ text: expect.stringContaining('not known whether it took effect') }] },
  });
  expect(at.plane.received).toHaveLength(3);
});

test('one that waits for a connection is not sent again where it broke off: it may have gone through', async () => {
  const connection = { id: 'cnr_1', url: 'https://cp.example/connect/cnr_1', message: 'Connect your account.' };
  const asked = { resultType: 'input_required', requestState: 's', _meta: { 'dev.mcp-sso/connection': connection } };
  await using at = await stage(
    (received, response) => {
      if (stateOf(received) === undefined) return succeed(received, response, asked);
      return void response.destroy();
    },
    undefined,
    { heldPatience: LONG },
  );
  expect(await at.app.ask({ id: 1, ...CALL })).toMatchObject({
    id: 1,
    result: { isError: true, content: [{ text: expect.stringContaining('not known whether it took effect') }] },
  });
  expect(at.plane.received.map(stateOf)).toEqual([undefined, 's']);
});

test('a modern app gets it as it is, and comes back itself', async () => {
  await using at = await stage((received, response) => succeed(received, response, waits('s', PAGE)));
  const params = { ...CALL.params, _meta: ENVELOPE };
  expect(await at.app.ask({ id: 2, method: 'tools/call', params })).toMatchObject({ id: 2, result: waits('s', PAGE) });
  expect(at.plane.received).toHaveLength(1);
});
