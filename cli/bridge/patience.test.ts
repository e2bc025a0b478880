import { expect, test } from 'vitest';
import { App } from './testing/app.js';
import { json, keptPort, ScriptedControlPlane, succeed, type Script } from './testing/control-plane.js';
import { MemorySession } from './testing/session.js';
import { stage } from './testing/stage.js';

const CALL = { id: 1, method: 'tools/call', params: { name: 'delete_all' } };
const refusal = (code: string) => ({
  jsonrpc: '2.0',
  id: null,
  error: { code: -31000, message: 'no', data: { code } },
});

test('a request that was never sent waits for a control plane that restarts', async () => {
  const port = await keptPort();
  const app = new App(async () => new MemorySession(`http://127.0.0.1:${port}`, 'good'));
  await app.initialize();
  app.send(CALL);
  await expect.poll(() => app.log.join(''), { timeout: 10_000 }).toContain('trying again');
  await using plane = new ScriptedControlPlane((received, response) => succeed(received, response, { ok: true }));
  await plane.listen(port);
  expect(await app.next()).toMatchObject({ id: 1, result: { ok: true } });
  expect(plane.received).toHaveLength(1);
  await app.quit();
});

test.each(['shutting_down', 'audit_unavailable', 'session_unconfirmed', 'database_unavailable'])(
  'a 503 with %s did nothing, so the request is sent again, under a new proof',
  async (code) => {
    const proofs = new Set<unknown>();
    const script: Script = (received, response) => {
      proofs.add(received.headers['dpop']);
      return proofs.size === 1 ? json(response, 503, refusal(code)) : succeed(received, response, { ok: true });
    };
    await using at = await stage(script);
    expect(await at.app.ask(CALL)).toMatchObject({ id: 1, result: { ok: true } });
    expect(at.plane.received).toHaveLength(2);
    expect(proofs.size).toBe(2);
  },
);

test('where it stays away, the person hears its own words, once', async () => {
  const plane = new ScriptedControlPlane((_received, response) => json(response, 503, refusal('shutting_down')));
  await using _plane = plane;
  const session = new MemorySession(await plane.listen(), 'good');
  const app = new App(async () => session, { patience: 0 });
  await app.initialize();
  expect(await app.ask(CALL)).toEqual({ ...refusal('shutting_down'), id: 1 });
  expect(plane.received).toHaveLength(1);
  await app.quit();
  expect(app.untaken).toEqual([]);
});

test.each([
  ['the same words in a 200, which come after the call', 200, refusal('shutting_down')],
  ['another 503', 503, refusal('idp_unreachable')],
  ['a 503 of something in between', 503, '<html>'],
  ['a 500', 500, refusal('internal')],
])('%s is never a reason to send it again', async (_name, status, body) => {
  await using at = await stage((_received, response) => json(response, status, body));
  await at.app.ask(CALL);
  await at.app.quit();
  expect(at.app.untaken).toEqual([]);
  expect(at.plane.received).toHaveLength(1);
});

test('what the app cancels is not sent when the control plane is back', async () => {
  await using at = await stage((received, response) => {
    if (at.plane.received.length > 1) return succeed(received, response, { ok: true });
    at.app.send({ method: 'notifications/cancelled', params: { requestId: 1 } });
    return json(response, 503, refusal('shutting_down'));
  });
  at.app.send(CALL);
  expect(await at.app.ask({ id: 2, method: 'ping' })).toMatchObject({ id: 2 });
  expect(await at.app.ask({ id: 3, method: 'x/y' })).toMatchObject({ id: 3, result: { ok: true } });
  await at.app.quit();
  expect(at.app.untaken).toEqual([]);
  expect(at.plane.received.map(({ message }) => message['id'])).toEqual([1, 3]);
});
