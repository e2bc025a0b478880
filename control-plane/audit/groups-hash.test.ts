import { expect, test } from 'vitest';
import { groupsHash } from './groups-hash.js';

const KEY = Buffer.alloc(32, 7);

test('the same groups have the same hash in whatever order, others another, and another key tells nothing', () => {
  const groups = ['okta/sales', 'okta/staff'];
  const hash = groupsHash(KEY, groups);
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  expect(groupsHash(KEY, ['okta/staff', 'okta/sales', 'okta/staff'])).toBe(hash);
  expect(groupsHash(KEY, groups)).toBe(hash);
  expect(groupsHash(KEY, ['okta/sales'])).not.toBe(hash);
  expect(groupsHash(Buffer.alloc(32, 8), groups)).not.toBe(hash);
});
