import { expect, test } from 'vitest';
import { deriveKey, openWith, sealWith } from './sealing.js';

const key = Buffer.alloc(32, 7);

test('what was sealed opens again, and the ciphertext does not contain it', () => {
  const sealed = sealWith(key, 'secrets/crm/1', Buffer.from('plain-text'));
  expect(sealed.includes('plain-text')).toBe(false);
  expect(openWith(key, 'secrets/crm/1', sealed).toString()).toBe('plain-text');
});

test('a row that was moved to another name does not open', () => {
  const sealed = sealWith(key, 'secrets/crm/1', Buffer.from('plain-text'));
  expect(() => openWith(key, 'secrets/erp/1', sealed)).toThrow('unable to authenticate data');
});

test('one flipped bit, or a shortened tag, does not open', () => {
  const sealed = sealWith(key, 'a', Buffer.from('plain-text'));
  const flipped = Buffer.from(sealed);
  flipped[flipped.length - 1]! ^= 1;
  expect(() => openWith(key, 'a', flipped)).toThrow('unable to authenticate data');
  expect(() => openWith(key, 'a', sealed.subarray(0, 20))).toThrow('Invalid authentication tag length');
});

test('each purpose has a key of its own', () => {
  const sealed = sealWith(deriveKey(key, 'one'), 'a', Buffer.from('x'));
  expect(() => openWith(deriveKey(key, 'two'), 'a', sealed)).toThrow('unable to authenticate data');
});
