import { expect, onTestFinished, test, vi } from 'vitest';
import { ClockJump } from './clock-jump.js';

test('a clock that is set is noticed either way, one that runs is not', () => {
  onTestFinished(() => void vi.useRealTimers());
  const jump = new ClockJump();
  expect(jump.size()).toBeLessThan(1_000);
  const now = Date.now();
  vi.useFakeTimers({ toFake: ['Date'], now: now - 3_600_000 });
  expect(jump.size()).toBeGreaterThan(3_590_000);
  vi.setSystemTime(now + 3_600_000);
  expect(jump.size()).toBeGreaterThan(3_590_000);
  vi.setSystemTime(now);
  expect(jump.size()).toBeLessThan(10_000);
});
