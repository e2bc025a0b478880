import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import { expect, test, vi } from 'vitest';
import { App } from './testing/app.js';
import { ScriptedControlPlane } from './testing/control-plane.js';
import { MemorySession } from './testing/session.js';

const idle = async (): Promise<MemorySession> => new MemorySession('http://127.0.0.1:9');

test('the bridge ends with 0 when stdin ends', async () => {
  expect(await new App(idle).quit()).toBe(0);
});

test('the bridge ends when stdin had ended before it looked', async () => {
  const stdin = new PassThrough().end();
  await finished(stdin.resume(), { writable: true });
  expect(await new App(idle, { stdin }).exit).toBe(0);
});

test('the bridge ends when the app no longer reads', async () => {
  const app = new App(idle);
  app.stdout.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
  expect(await app.exit).toBe(0);
});

test.each([
  ['SIGTERM', 0],
  ['SIGHUP', 0],
  ['SIGINT', 130],
])('%s ends the bridge with %i', async (signal, code) => {
  const app = new App(idle);
  app.signals.emit(signal);
  expect(await app.exit).toBe(code);
  expect(app.signals.listenerCount(signal)).toBe(0);
});

test('the bridge ends when its parent is gone, although the pipes are open', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  try {
    const app = new App(idle);
    app.parent = 1;
    vi.advanceTimersByTime(2_000);
    expect(await app.exit).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test('calls in flight are aborted when stdin ends, and the bridge is gone within a second', async () => {
  const arrived = Promise.withResolvers<void>();
  const aborted = Promise.withResolvers<void>();
  await using plane = new ScriptedControlPlane((_received, response) => {
    response.once('close', () => aborted.resolve());
    arrived.resolve();
  });
  const session = new MemorySession(await plane.listen(), 'good');
  const app = new App(async () => session);
  await app.initialize();
  app.send({ id: 1, method: 'tools/call', params: { name: 'slow' } });
  await arrived.promise;
  const before = performance.now();
  expect(await app.quit()).toBe(0);
  expect(performance.now() - before).toBeLessThan(1_000);
  await aborted.promise;
  expect(app.untaken).toEqual([]);
});
