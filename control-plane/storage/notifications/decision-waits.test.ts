import { expect, test } from 'vitest';
import { DecisionWaits } from './decision-waits.js';

const FOR_EVER = 3_600_000;
const never = new AbortController().signal;
const undecided = (): Promise<boolean> => Promise.resolve(false);

test('whoever is one too many is not kept waiting, and makes room for nobody', async () => {
  const waits = new DecisionWaits(() => true);
  const all = Array.from({ length: 10_000 }, () => waits.until('apr_a', undecided, FOR_EVER, never));
  // Each listens before it reads, so all of them do when the next one comes.
  await expect(waits.until('apr_b', undecided, FOR_EVER, never)).resolves.toBe(undefined);
  waits.close();
  await Promise.all(all);
});

test('a decision between the look and the wait is not missed', async () => {
  const waits = new DecisionWaits(() => true);
  let decided = false;
  const isDecided = (): Promise<boolean> => {
    const before = decided;
    decided = true;
    waits.wake('apr_a');
    return Promise.resolve(before);
  };
  await expect(waits.until('apr_a', isDecided, FOR_EVER, never)).resolves.toBe(undefined);
});

test('where nobody would tell, it looks again by itself', async () => {
  const waits = new DecisionWaits(() => false);
  let looks = 0;
  await waits.until('apr_a', () => Promise.resolve((looks += 1) > 1), FOR_EVER, never);
  expect(looks).toBe(2);
});

test('the end of the call ends the wait, and another’s decision does not', async () => {
  const waits = new DecisionWaits(() => true);
  const call = new AbortController();
  let looks = 0;
  const look = (): Promise<boolean> => {
    looks += 1;
    return Promise.resolve(false);
  };
  const waiting = waits.until('apr_a', look, FOR_EVER, call.signal);
  waits.wake('apr_b');
  await Promise.resolve();
  expect(looks).toBe(1);
  call.abort(new Error('gone'));
  await expect(waiting).rejects.toThrow('gone');
});
