import type { ServerResponse } from 'node:http';
import { expect, test, vi } from 'vitest';
import { CodedError } from '#shared/errors.js';
import type { JsonObject } from '#shared/mcp/json-rpc.js';
import type { Account } from '../sign-in/token-source.js';
import { ENVELOPE } from './testing/app.js';
import { succeed, type Received } from './testing/control-plane.js';
import { stage } from './testing/stage.js';

const ALICE: Account = { person: 'usr_alice', name: 'Alice', email: null };
const WHY = 'This call needs a sign-in from the last 5 minutes.';
const CALL = { id: 7, method: 'tools/call', params: { name: 'crm__delete', arguments: { id: 'c-1' } } };

/** As the control plane refuses what needs another sign-in. */
function challenge({ message }: Received, response: ServerResponse, data: JsonObject = { stepUp: 'handle-1' }): void {
  const about = 'error="insufficient_user_authentication", max_age="300", acr_values="phr phrh"';
  response.writeHead(401, {
    'content-type': 'application/json',
    'www-authenticate': [`Bearer ${about}`, `DPoP algs="ES256", ${about}`],
  });
  const error = { code: -31017, message: WHY, data: { code: 'step_up_needed', ...data } };
  response.end(JSON.stringify({ jsonrpc: '2.0', id: message['id'], error }));
}

/** A control plane that lets calls through once `renewed` says so. */
function guarded(renewed: () => boolean) {
  return stage((received, response) => {
    if (received.message['method'] !== 'tools/call' || renewed()) succeed(received, response, { content: [] });
    else challenge(received, response);
  });
}

const textOf = (answer: JsonObject): unknown =>
  (answer['result'] as { content?: { text?: string }[] } | undefined)?.content?.[0]?.text;

test('the person signs in anew, and the same call goes on', async () => {
  let renewed = false;
  await using at = await guarded(() => renewed);
  at.app.send(CALL);
  await vi.waitFor(() => expect(at.session.stepUps).toHaveLength(1));
  expect(at.session.stepUps).toEqual([{ demand: { maxAge: 300, acrValues: ['phr', 'phrh'] }, handle: 'handle-1' }]);
  renewed = true;
  at.session.renewal.resolve(ALICE);
  expect(await at.app.next()).toMatchObject({ id: 7, result: { content: [] } });
  const calls = at.plane.received.map(({ text }) => text);
  expect(calls).toHaveLength(2);
  expect(calls[1]).toBe(calls[0]);
  expect(at.session.refusals).toEqual([]);
  expect(at.session.begun).toEqual([]);
});

test('meanwhile the app is told where to sign in, by the call’s own progress', async () => {
  await using at = await guarded(() => false);
  const params = { ...CALL.params, _meta: { ...ENVELOPE, progressToken: 'p' } };
  expect(await at.app.ask({ ...CALL, params })).toMatchObject({
    method: 'notifications/progress',
    params: {
      progressToken: 'p',
      progress: expect.closeTo(0, 3),
      message: expect.stringContaining('/oauth/authorize?step_up=1'),
    },
  });
});

test('a sign-in that came to nothing is told, and the call was made no second time', async () => {
  await using at = await guarded(() => false);
  at.session.renewal.reject(new CodedError('sign_in_expired', { message: 'Nobody completed the sign-in in time.' }));
  const answer = await at.app.ask(CALL);
  expect(textOf(answer)).toBe(`This call was not made. ${WHY} Nobody completed the sign-in in time.`);
  expect(answer).toMatchObject({ result: { isError: true } });
  expect(at.plane.received).toHaveLength(1);
});

test('a control plane that is never satisfied asks the person twice at most', async () => {
  await using at = await guarded(() => false);
  at.session.renewal.resolve(ALICE);
  expect(textOf(await at.app.ask(CALL))).toBe(`This call was not made. ${WHY}`);
  expect(at.session.stepUps).toHaveLength(2);
});

test('where no browser was opened the answer names address and code, and waits for nobody', async () => {
  await using at = await guarded(() => false);
  at.session.stepUpStart = { opened: false, url: 'https://mcp.acme.example/oauth/device', code: 'BCDF-GHJK' };
  expect(textOf(await at.app.ask(CALL))).toBe(
    `This call was not made. ${WHY} To sign in anew, open https://mcp.acme.example/oauth/device in a browser on any ` +
      'computer and type the code BCDF-GHJK\nThen make the call again.',
  );
  at.session.stepUpStart = { opened: false };
  expect(textOf(await at.app.ask({ ...CALL, id: 8 }))).toContain(
    `open this address in a browser on this computer: ${at.session.origin}/oauth/authorize?step_up=1`,
  );
});

test('one that another process runs is waited for', async () => {
  let renewed = false;
  await using at = await guarded(() => renewed);
  at.session.stepUpStart = { opened: false, joined: true };
  at.app.send(CALL);
  await vi.waitFor(() => expect(at.session.stepUps).toHaveLength(1));
  renewed = true;
  at.session.renewal.resolve(ALICE);
  expect(await at.app.next()).toMatchObject({ id: 7, result: { content: [] } });
});

test('who cancels does not wait, and gets no answer', async () => {
  await using at = await guarded(() => false);
  at.app.send(CALL);
  await vi.waitFor(() => expect(at.session.stepUps).toHaveLength(1));
  at.app.send({ method: 'notifications/cancelled', params: { requestId: 7 } });
  expect(await at.app.ask({ id: 8, method: 'ping' })).toMatchObject({ id: 8, result: {} });
  await at.app.quit();
  expect(at.app.untaken).toEqual([]);
});

test('what is no tool call fails with the reason', async () => {
  await using at = await stage((received, response) => challenge(received, response, {}));
  expect(await at.app.ask({ id: 9, method: 'resources/read', params: { uri: 'crm:1' } })).toMatchObject({
    id: 9,
    error: { code: -31017, message: `${WHY} Run \`mcp-sso login\`, then make the call again.` },
  });
  expect(at.session.stepUps).toEqual([]);
});
