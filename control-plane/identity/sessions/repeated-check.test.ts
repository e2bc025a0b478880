import { expect, test } from 'vitest';
import { RepeatedCheck } from './repeated-check.js';

test('asks again until there is an answer, and about one session once at a time', async () => {
  const asked: string[] = [];
  const repeated = new RepeatedCheck(
    async (session) => {
      asked.push(session);
      if (asked.length < 2) throw new Error('still away');
    },
    [1, 1, 1],
  );
  await Promise.all([repeated.begin('ses_1'), repeated.begin('ses_1')]);
  expect(asked).toEqual(['ses_1', 'ses_1']);
});

test('gives up after its last question, and can begin anew', async () => {
  let asked = 0;
  const repeated = new RepeatedCheck(async () => {
    asked += 1;
    throw new Error('away');
  }, [1, 1]);
  await repeated.begin('ses_1');
  await repeated.begin('ses_1');
  expect(asked).toBe(4);
});

test('asks nobody after it was closed', async () => {
  let asked = 0;
  const repeated = new RepeatedCheck(async () => void (asked += 1), [60_000]);
  const under = repeated.begin('ses_1');
  repeated.close();
  await under;
  expect(asked).toBe(0);
});

test('begins no question when the used refresh token would count as stolen', async () => {
  let asked = 0;
  const repeated = new RepeatedCheck(async () => void (asked += 1), [1, 1], 0);
  await repeated.begin('ses_1');
  expect(asked).toBe(0);
});
