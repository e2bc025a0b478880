import { expect, test } from 'vitest';
import { CodeEntryLimit } from './code-entry-limit.js';

function admitted(limit: CodeEntryLimit, addresses: readonly string[]): number {
  return addresses.filter((address) => limit.admits(address)).length;
}

test('of a thousand guesses from one address ten are looked at, then one a minute', () => {
  const clock = { now: 0 };
  const limit = new CodeEntryLimit(() => clock.now);
  expect(
    admitted(
      limit,
      Array.from({ length: 1000 }, () => '192.0.2.1'),
    ),
  ).toBe(10);
  expect(limit.admits('192.0.2.2')).toBe(true);
  clock.now = 60_000;
  expect([limit.admits('192.0.2.1'), limit.admits('192.0.2.1')]).toEqual([true, false]);
});

test('a thousand guesses from many addresses lock the entry for everyone', () => {
  const clock = { now: 0 };
  const limit = new CodeEntryLimit(() => clock.now);
  const many = Array.from({ length: 2000 }, (_, index) => `198.51.${index >> 8}.${index % 256}`);
  expect(admitted(limit, many)).toBe(1000);
  expect(limit.admits('203.0.113.1')).toBe(false);
  clock.now = 3_600;
  expect([limit.admits('203.0.113.2'), limit.admits('203.0.113.3')]).toEqual([true, false]);
});

test('what was no guess is given back, and never more than was there', () => {
  const limit = new CodeEntryLimit(() => 0);
  for (let entry = 0; entry < 50; entry += 1) {
    expect(limit.admits('192.0.2.1')).toBe(true);
    limit.giveBack('192.0.2.1');
  }
  limit.giveBack('192.0.2.1');
  expect(
    admitted(
      limit,
      Array.from({ length: 20 }, () => '192.0.2.1'),
    ),
  ).toBe(10);
});
