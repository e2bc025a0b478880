import { expect, test } from 'vitest';
import { deeperThan } from './nesting.js';

test.each([
  ['1', false],
  ['[[]]', false],
  ['[[[]]]', true],
  ['{"a":{"b":{}}}', true],
  ['[{"a":[]}]', true],
  ['[[],[],[],{}]', false],
  ['["[[[", "\\"[[[", "\\\\"]', false],
  ['["\\\\",[[]]]', true],
  ['[[[', true],
])('%s lies deeper than two levels: %s', (json, deeper) => {
  expect(deeperThan(json, 2)).toBe(deeper);
});
