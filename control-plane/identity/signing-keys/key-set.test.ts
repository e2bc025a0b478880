import { expect, test } from 'vitest';
import { publishedAt } from './key-set.js';
import { isRotationDue } from './rotation.js';
import type { StoredKey } from './stored-keys.js';

const DAY = 86_400_000;
const key = (kid: string, activeFrom: number, retireAt: number | null = null): StoredKey => ({
  jwk: { kid },
  activeFrom,
  retireAt,
});
const OLD = key('old', 0, 1_500);
const NEXT = key('next', 1_000);
const at = (now: number, keys = [NEXT, OLD]) => publishedAt(keys, now).map(({ kid }) => kid);

test('the next key is published before it signs, and the old one is kept for what it has signed', () => {
  expect(at(999)).toEqual(['old', 'next']);
  expect(at(1_000)).toEqual(['next', 'old']);
  expect(at(1_499)).toEqual(['next', 'old']);
  expect(at(1_500)).toEqual(['next']);
});

test('a clock that was set back still leaves a key that signs; none at all is a fault', () => {
  expect(at(-5, [NEXT, key('old', 0)])).toEqual(['old', 'next']);
  expect(() => publishedAt([], 0)).toThrow('there is no key that signs');
});

test('the next key is due so early that the newest is 90 days old when it is followed', () => {
  expect(isRotationDue([key('k', 0)], 89 * DAY - 1)).toBe(false);
  expect(isRotationDue([key('k', 0)], 89 * DAY)).toBe(true);
  expect(isRotationDue([key('next', 90 * DAY), key('k', 0)], 89 * DAY)).toBe(false);
});
