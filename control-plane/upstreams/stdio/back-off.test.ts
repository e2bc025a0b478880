import { expect, test } from 'vitest';
import { BackOff } from './back-off.js';

test('the wait doubles with each failure up to the longest, and a server that lived begins anew', () => {
  let now = 0;
  const backOff = new BackOff({ first: 1_000, longest: 5_000, stable: 30_000 }, () => now);
  expect(backOff.wait('files')).toBe(0);
  const waits = [0, 0, 0, 0].map((lived) => {
    backOff.failed('files', lived);
    return backOff.wait('files');
  });
  expect(waits).toEqual([1_000, 2_000, 4_000, 5_000]);
  expect(backOff.wait('crm')).toBe(0);
  backOff.failed('files', 30_000);
  expect(backOff.wait('files')).toBe(1_000);
  now = 1_000;
  expect(backOff.wait('files')).toBe(0);
});

test('an old failure is forgotten', () => {
  let now = 0;
  const backOff = new BackOff({ first: 1_000, longest: 5_000, stable: 30_000 }, () => now);
  backOff.failed('files', 0);
  now = 11_001;
  backOff.sweep();
  backOff.failed('files', 0);
  expect(backOff.wait('files')).toBe(1_000);
});
