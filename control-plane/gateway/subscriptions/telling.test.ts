import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Telling } from './telling.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a client is told once of what changed until its moment, and again of what changes after it', () => {
  const told: (readonly string[])[] = [];
  const telling = new Telling((lists) => told.push(lists));
  telling.later(['prompts'], 20);
  telling.later(['tools', 'prompts'], 60_000);
  vi.advanceTimersByTime(20);
  telling.later(['resources'], 20);
  vi.advanceTimersByTime(20);
  expect(told).toEqual([['tools', 'prompts'], ['resources']]);
});

test('a stream that has ended is told nothing', () => {
  const telling = new Telling(() => expect.unreachable());
  telling.later(['tools'], 20);
  telling.close();
  expect(vi.getTimerCount()).toBe(0);
});
