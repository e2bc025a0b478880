import { expect, test } from 'vitest';
import { UnansweredChecks } from './unanswered-checks.js';

test('asks about each once in a look, whatever comes of it', async () => {
  const asked: string[] = [];
  const checks = new UnansweredChecks(
    async () => ['ses_1', 'ses_2'],
    async (session) => {
      asked.push(session);
      throw new Error('still away');
    },
  );
  await Promise.all([checks.look(), checks.look()]);
  expect(asked).toEqual(['ses_1', 'ses_2']);
  await checks.look();
  expect(asked).toEqual(['ses_1', 'ses_2', 'ses_1', 'ses_2']);
});

test('a database that is away ends nothing', async () => {
  let looks = 0;
  const checks = new UnansweredChecks(
    async () => {
      looks += 1;
      throw new Error('no database');
    },
    async () => undefined,
  );
  await checks.look();
  await checks.look();
  expect(looks).toBe(2);
});

test('asks as soon as it starts: a process that never lives for long asks too', async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const checks = new UnansweredChecks(
    async () => ['ses_1'],
    async (session) => resolve(session),
  );
  checks.start(3_600_000);
  expect(await promise).toBe('ses_1');
  checks.close();
});
