import { expect, test } from 'vitest';
import { commitment } from './commitment.js';

const salt = Buffer.alloc(32, 1);
const personal = { email: 'alice@acme.example', address: '192.0.2.7' };

test('the order of the fields does not matter, their values and the salt do', () => {
  const expected = 'c1c5d3bab88b7eee049980a32658f598551b606d56de949812c53fb0e9e54adc';
  expect(commitment(salt, personal)).toBe(expected);
  expect(commitment(salt, { address: '192.0.2.7', email: 'alice@acme.example' })).toBe(expected);
  expect(commitment(salt, { ...personal, address: '192.0.2.8' })).not.toBe(expected);
  expect(commitment(Buffer.alloc(32, 2), personal)).not.toBe(expected);
});
