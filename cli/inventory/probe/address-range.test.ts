import { expect, it } from 'vitest';
import { addressesIn, parseRange } from './address-range.js';

it.each([
  ['10.20.0.5/30', ['10.20.0.5', '10.20.0.6']],
  ['10.20.0.7', ['10.20.0.7']],
  ['10.20.0.6/31', ['10.20.0.6', '10.20.0.7']],
  ['fd00::fffe/127', ['fd00::fffe', 'fd00::ffff']],
  ['::1', ['::1']],
])('%s is %j', (text, addresses) => {
  expect([...addressesIn(parseRange(text))]).toEqual(addresses);
});

it('a /20 is what is asked without a question', () => {
  expect(parseRange('10.0.0.0/20').count).toBe(4094);
});

it.each([
  '10.0.0.0/8',
  '::/0',
  '10.0.0.0/33',
  '10.0.0/24',
  'host/24',
  '10.0.0.0/24/1',
  '224.0.0.1',
  '0.0.0.0/16',
  'ff02::1',
  '10.0.0.0/',
])('%s is refused', (text) => {
  expect(() => parseRange(text)).toThrow(`--net ${text} cannot be used: `);
});
