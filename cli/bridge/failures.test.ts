import { expect, test } from 'vitest';
import { App } from './testing/app.js';
import { event, json, ScriptedControlPlane, stream, succeed } from './testing/control-plane.js';
import { MemorySession } from './testing/session.js';
import { stage } from './testing/stage.js';

test('a 401 is answered with a fresh token, once', async () => {
  await using at = await stage((received, response) => {
    if (received.headers.authorization === 'DPoP fresh') return succeed(received, response, { ok: true });
    response.setHeader('date', 'Sun, 22 Nov 2026 10:00:00 GMT');
    return json(response, 401, { jsonrpc: '2.0', id: null, error: { code: -31002, message: 'no' } });
  });
  at.session.next.push('fresh');
  expect(await at.app.ask({ id: 1, method: 'x/y' })).toMatchObject({ id: 1, result: { ok: true } });
  expect(at.session.refusals).toEqual(['Sun, 22 Nov 2026 10:00:00 GMT']);
  expect(at.plane.received.map(({ headers }) => headers.authorization)).toEqual(['DPoP good', 'DPoP fresh']);
});

test('two 401 in a row are a signed-out person, not a loop', async () => {
  await using at = await stage((_received, response) => json(response, 401, {}));
  at.session.next.push('fresh', 'fresher');
  const answer = await at.app.ask({ id: 1, method: 'tools/call', params: { name: 'x' } });
  expect(answer).toMatchObject({
    result: { isError: true, content: [{ text: expect.stringContaining('/oauth/authorize') }] },
  });
  expect(at.plane.received).toHaveLength(2);
  expect(await at.app.ask({ id: 2, method: 'tools/call', params: { name: 'sign_in' } })).toMatchObject({
    result: { content: [{ text: expect.stringContaining('/oauth/authorize') }] },
  });
  expect(at.plane.received).toHaveLength(2);
  expect(at.session.begun).toEqual([{ openBrowser: true }]);
});

test('a session that cannot be refreshed is a signed-out person', async () => {
  await using at = await stage((_received, response) => json(response, 401, {}));
  expect(await at.app.ask({ id: 1, method: 'tools/list' })).toMatchObject({ result: { tools: [{ name: 'sign_in' }] } });
  expect(at.plane.received).toHaveLength(1);
});

test('a connection that breaks mid-stream gives one answer that says what is known, and nothing is sent again', async () => {
  await using at = await stage((_received, response) => {
    stream(response);
    event(response, { jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 1, progress: 1 } });
    response.write('data: {"jsonrpc":"2.0","id":1,"resu', () => response.destroy());
  });
  at.app.send({ id: 1, method: 'tools/call', params: { name: 'delete_all' } });
  expect(await at.app.next()).toMatchObject({ method: 'notifications/progress' });
  expect(await at.app.next()).toMatchObject({
    id: 1,
    result: { isError: true, content: [{ text: expect.stringContaining('not known whether it took effect') }] },
  });
  await at.app.quit();
  expect(at.app.untaken).toEqual([]);
  expect(at.plane.received).toHaveLength(1);
});

test('a stream that ends without the answer, and a connection without any, are unknown outcomes', async () => {
  await using at = await stage((received, response) => {
    if (received.message['method'] === 'x/end') {
      stream(response);
      response.end();
    } else response.destroy();
  });
  expect(await at.app.ask({ id: 1, method: 'x/end' })).toMatchObject({ id: 1, error: { code: -31025 } });
  expect(await at.app.ask({ id: 2, method: 'x/destroy' })).toMatchObject({ id: 2, error: { code: -31025 } });
  expect(at.plane.received).toHaveLength(2);
});

test('a control plane that does not answer at all is a network error that says what to check', async () => {
  const plane = new ScriptedControlPlane(() => undefined);
  const session = new MemorySession(await plane.listen(), 'good');
  await plane[Symbol.asyncDispose]();
  const app = new App(async () => session, { patience: 0 });
  await app.initialize();
  expect(await app.ask({ id: 1, method: 'tools/list' })).toMatchObject({
    error: { code: -31041, message: expect.stringMatching(/Check the address.* The request was not sent\.$/) },
  });
  expect(await app.ask({ id: 2, method: 'tools/call', params: { name: 'x' } })).toMatchObject({
    result: { isError: true, content: [{ text: expect.stringContaining('Check the address') }] },
  });
  expect(session.begun).toEqual([]);
});

test('errors of the control plane pass as they are, under the id of the request', async () => {
  await using at = await stage((_received, response) =>
    json(response, 503, { jsonrpc: '2.0', id: null, error: { code: -31012, message: 'no audit', data: { x: 1 } } }),
  );
  expect(await at.app.ask({ id: 1, method: 'tools/call', params: { name: 'x' } })).toEqual({
    jsonrpc: '2.0',
    id: 1,
    error: { code: -31012, message: 'no audit', data: { x: 1 } },
  });
});

test.each([
  [500, -31025],
  [502, -31025],
  [511, -31041],
  [503, -31025],
  [429, -31429],
  [302, -31041],
  [407, -31041],
  [200, -31041],
])('a page with status %i from something in between is the error %i', async (status, code) => {
  await using at = await stage((_received, response) => {
    response.writeHead(status, { 'content-type': 'text/html', location: 'http://127.0.0.1:9/portal' });
    response.end('<html>Sign in to the Wi-Fi</html>');
  });
  expect(await at.app.ask({ id: 1, method: 'tools/list' })).toMatchObject({ id: 1, error: { code } });
  expect(at.plane.received).toHaveLength(1);
});

test('JSON that is not JSON-RPC is never passed on', async () => {
  await using at = await stage((_received, response) => json(response, 200, '{"hello":"world"}'));
  expect(await at.app.ask({ id: 1, method: 'tools/list' })).toMatchObject({ error: { code: -31023 } });
});
