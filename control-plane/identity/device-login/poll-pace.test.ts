import { expect, test } from 'vitest';
import { PollPace } from './poll-pace.js';

test('a device that keeps its pace is never told to slow down; one that does not waits longer each time', () => {
  const clock = { now: 0 };
  const pace = new PollPace(() => clock.now);
  const pollAfter = (seconds: number): boolean => {
    clock.now += seconds * 1000;
    return pace.isTooFast('one');
  };
  expect([0, 5, 5, 4.9].map(pollAfter)).toEqual([false, false, false, false]);
  expect([1, 5, 10, 25].map(pollAfter)).toEqual([true, true, true, false]);
  expect(pace.isTooFast('another')).toBe(false);
});

test('only so many devices are remembered', () => {
  const pace = new PollPace(() => 0);
  expect(pace.isTooFast('first')).toBe(false);
  for (let device = 0; device < 10_000; device += 1) pace.isTooFast(`device ${device}`);
  expect(pace.isTooFast('first')).toBe(false);
});
