import { expect, test } from 'vitest';
import { isSameNetwork } from './same-network.js';

test.for([
  ['192.0.2.7', '192.0.2.7', true],
  ['192.0.2.7', '192.0.2.8', false],
  ['::ffff:192.0.2.7', '192.0.2.7', true],
  ['::FFFF:192.0.2.7', '::ffff:192.0.2.8', false],
  ['::ffff:c000:207', '::ffff:c000:208', false],
  ['0:0:0:0:0:ffff:192.0.2.7', '192.0.2.7', true],
  ['2001:db8::1', '2001:0db8:0000:0000:ffff::2', true],
  ['2001:db8::1', '2001:db8:0:1::1', false],
  ['192.0.2.7', '2001:db8::1', false],
  ['', '', false],
  ['unknown', 'unknown', false],
  ['2001:db8::1', '', false],
] as const)('%s and %s: %s', ([one, other, expected]) => {
  expect(isSameNetwork(one, other)).toBe(expected);
  expect(isSameNetwork(other, one)).toBe(expected);
});
