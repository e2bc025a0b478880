import { expect, test } from 'vitest';
import { measure, refuseSkew, skewText } from './skew.js';

const HOUR = 3_600_000;

function clock(offset: number) {
  return { name: 'the database', limitMs: 60_000, read: async () => Date.now() + offset };
}

test('ahead and behind are told apart, and what asking may have cost is not counted', async () => {
  const ahead = await measure(clock(-HOUR));
  expect(ahead).toBeGreaterThan(HOUR - 1000);
  expect(ahead).toBeLessThanOrEqual(HOUR);
  const behind = await measure(clock(HOUR));
  expect(behind).toBeLessThan(1000 - HOUR);
  expect(behind).toBeGreaterThanOrEqual(-HOUR);
  expect(await measure(clock(0))).toBe(0);
});

test('a clock that tells no time is no clock', async () => {
  await expect(measure({ ...clock(0), read: async () => Number.NaN })).rejects.toThrow('the database tells no time');
});

test('the limit itself is right, a millisecond more is not, either way', () => {
  refuseSkew(clock(0), 60_000);
  refuseSkew(clock(0), -60_000);
  expect(() => refuseSkew(clock(0), 60_001)).toThrow(
    'The clock of this machine is 60 seconds ahead of the database. Set it right (NTP).',
  );
  expect(() => refuseSkew(clock(0), -60_001)).toThrow('60 seconds behind the database');
});

test('the skew is said in a unit that a person can compare', () => {
  expect(skewText('the database', HOUR)).toContain('is 60 minutes ahead of');
  expect(skewText('the database', -5 * HOUR)).toContain('is 5 hours behind');
  expect(skewText('the database', 72 * HOUR)).toContain('is 3 days ahead of');
  expect(skewText('the database', 1500)).toContain('is 2 seconds ahead of');
});
