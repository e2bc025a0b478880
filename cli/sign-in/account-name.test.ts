import { expect, test } from 'vitest';
import { accountName } from './account-name.js';

test('an account is named by what is known of it', () => {
  expect(accountName({ person: 'usr_1', name: 'Alice', email: 'a@acme.example' })).toBe('Alice (a@acme.example)');
  expect(accountName({ person: 'usr_1', name: null, email: 'a@acme.example' })).toBe('a@acme.example');
  expect(accountName({ person: 'usr_1', name: null, email: null })).toBe('usr_1');
});

test('a name that steers the terminal or forges a line prints as text', () => {
  const name = 'A\u001b]0;x\u0007\u001b[31m\nSession alive\u202e';
  expect(accountName({ person: 'usr_1', name, email: null })).toBe(
    'A\u{fffd}]0;x\u{fffd}\u{fffd}[31m\u{fffd}Session alive\u{fffd}',
  );
});
