import { expect, test } from 'vitest';
import { satisfies } from './claim-rules.js';

test.each<[string, Record<string, unknown>, Parameters<typeof satisfies>[1], boolean]>([
  ['the exact value', { ref: 'main', run: 7, own: true }, { ref: 'main', run: 7, own: true }, true],
  ['a prefix', { sub: 'spiffe://acme/ci/x' }, { sub: { prefix: 'spiffe://acme/ci/' } }, true],
  ['no rules', { sub: 'a' }, {}, false],
  ['an absent claim', {}, { sub: 'a' }, false],
  ['an inherited name', {}, { constructor: { prefix: 'function/' } }, false],
  ['a value of another type', { run: '7' }, { run: 7 }, false],
  ['a list', { sub: ['a'] }, { sub: 'a' }, false],
  ['a list for a prefix', { sub: ['a/b'] }, { sub: { prefix: 'a/' } }, false],
  ['one rule of two', { sub: 'a', ref: 'b' }, { sub: 'a', ref: 'main' }, false],
])('%s', (_, claims, rules, expected) => {
  expect(satisfies(claims, rules)).toBe(expected);
});
