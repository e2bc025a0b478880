import { expect, test } from 'vitest';
import { expiryTime } from './expiry-time.js';

const NOW = Date.parse('2026-11-23T12:00:00Z');

test.each([
  ['12h', '2026-11-24T00:00:00.000Z'],
  ['90d', '2027-02-21T12:00:00.000Z'],
  ['2027-01-31', '2027-01-31T00:00:00.000Z'],
])('%s is %s', (text, expected) => {
  expect(new Date(expiryTime(text, NOW)).toISOString()).toBe(expected);
});

test.each(['', '0d', '90', '-1d', '2026-11-23', '2026-02-30x', 'tomorrow', '1e3d'])('%s is refused', (text) => {
  expect(() => expiryTime(text, NOW)).toThrow('--expires: write 90d, 12h or a day');
});
