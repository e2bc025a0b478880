import { expect, test } from 'vitest';
import { hashArguments } from './arguments-hash.js';

const key = Buffer.alloc(32, 3);

test('the same arguments in another order have the same hash, other values another', () => {
  const hash = hashArguments(key, { path: '/a', depth: 2 });
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  expect(hashArguments(key, { depth: 2, path: '/a' })).toBe(hash);
  expect(hashArguments(key, { depth: 3, path: '/a' })).not.toBe(hash);
  expect(hashArguments(Buffer.alloc(32, 4), { path: '/a', depth: 2 })).not.toBe(hash);
});

test('half a surrogate pair and 50,000 nested arrays are hashed like everything else', () => {
  expect(hashArguments(key, { text: '\ud800' })).not.toBe(hashArguments(key, { text: '\ufffd' }));
  const deep: unknown = JSON.parse('['.repeat(50_000) + ']'.repeat(50_000));
  expect(hashArguments(key, deep)).toMatch(/^[0-9a-f]{64}$/);
});

test('a call without arguments has a hash of its own', () => {
  expect(hashArguments(key, undefined)).not.toBe(hashArguments(key, {}));
});
