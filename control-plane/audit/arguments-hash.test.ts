import { expect, test } from 'vitest';
import { parseExactly } from '#shared/mcp/exact-json.js';
import { hashArguments } from './arguments-hash.js';

const key = Buffer.alloc(32, 3);

test('the same arguments in another order have the same hash, other values another', () => {
  const hash = hashArguments(key, { path: '/a', depth: 2 });
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  expect(hashArguments(key, { depth: 2, path: '/a' })).toBe(hash);
  expect(hashArguments(key, { depth: 3, path: '/a' })).not.toBe(hash);
  expect(hashArguments(Buffer.alloc(32, 4), { path: '/a', depth: 2 })).not.toBe(hash);
});

const nested = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth));

test('half a surrogate pair and 1,000 nested arrays, which the settings may allow, are hashed like everything else', () => {
  expect(hashArguments(key, { text: '\ud800' })).not.toBe(hashArguments(key, { text: '\ufffd' }));
  expect(hashArguments(key, { text: '\ud800' })).not.toBe(hashArguments(key, { text: '\\ud800' }));
  expect(hashArguments(key, nested(1_000))).not.toBe(hashArguments(key, nested(999)));
  expect(() => hashArguments(key, nested(50_000))).toThrow(expect.objectContaining({ code: 'params_invalid' }));
});

test.each([
  ['{"amount":1.0}', '{"amount":{"rawJSON":"1.0"}}'],
  ['{"amount":12345678901234567890}', '{"amount":{"rawJSON":"12345678901234567890"}}'],
  ['{"amount":12345678901234567890}', '{"amount":"12345678901234567890"}'],
  ['{"amount":12345678901234567890}', '{"amount":12345678901234567891}'],
  ['{"amount":1}', '{"amount":{"rawJSON":"1"}}'],
  ['{"amount":1}', '{"amount":1.0}'],
  ['{"__proto__":{"a":1}}', '{}'],
  ['{"toJSON":1}', '{}'],
])('%s has not the hash of %s', (one, other) => {
  expect(hashArguments(key, parseExactly(one))).not.toBe(hashArguments(key, parseExactly(other)));
});

test('keys are sorted at every depth, also where numbers keep their text', () => {
  expect(hashArguments(key, parseExactly('{"a":[{"y":1.0,"x":2}],"10":0,"9":0}'))).toBe(
    hashArguments(key, parseExactly('{"9":0,"10":0,"a":[{"x":2,"y":1.0}]}')),
  );
});

test('a call without arguments has a hash of its own', () => {
  expect(hashArguments(key, undefined)).not.toBe(hashArguments(key, {}));
});
