import { expect, test } from 'vitest';
import { Health } from './health.js';

const works = () => Promise.resolve();

test('not ready before the start and after the stop, whatever the parts say', async () => {
  const health = new Health({ database: works });
  expect(await health.report()).toMatchObject({ ready: false, reason: 'The control plane is starting.' });
  health.started();
  expect(await health.report()).toMatchObject({ ready: true, reason: 'Ready.' });
  health.stopping();
  expect(await health.report()).toMatchObject({ ready: false, reason: 'The control plane is stopping.' });
});

test('a failing part is named for operators and not in the public reason', async () => {
  const health = new Health({ database: () => Promise.reject(new Error('disk I/O error')), policies: works });
  health.started();
  const report = await health.report();
  expect(report.reason).toBe('A part of the control plane does not answer.');
  expect(report.ready).toBe(false);
  expect(report.checks.map(({ name, ok, error }) => ({ name, ok, error }))).toEqual([
    { name: 'database', ok: false, error: 'disk I/O error' },
    { name: 'policies', ok: true, error: undefined },
  ]);
});

test('a check that never answers ends as a failure', async () => {
  const health = new Health({ database: () => new Promise(() => undefined) });
  health.started();
  expect((await health.report()).checks[0]).toMatchObject({ ok: false, error: 'no answer within 2000 ms' });
});

test('one report serves everyone for a second', async () => {
  let runs = 0;
  let now = 0;
  const check = () => Promise.resolve(void runs++);
  const health = new Health(
    { database: check },
    () => [],
    () => now,
  );
  await Promise.all([health.report(), health.report()]);
  now = 999;
  await health.report();
  expect(runs).toBe(1);
  now = 1000;
  await health.report();
  expect(runs).toBe(2);
});
