import { expect, test } from 'vitest';
import { askedAge, signedInSince } from './fresh-sign-in.js';

const BEGUN = 1_000_000;

test('by auth_time: what the provider says counts, and what it leaves out proves nothing', () => {
  expect(askedAge('auth-time', 300)).toBe(300);
  expect(signedInSince('auth-time', { said: 990_000, maxAge: 300, begunAt: BEGUN })).toBe(990_000);
  expect(signedInSince('auth-time', { said: null, maxAge: 300, begunAt: BEGUN })).toBeNull();
  expect(signedInSince('auth-time', { said: 0, maxAge: 300, begunAt: BEGUN })).toBeNull();
});

test('by a pushed request: half of the time is asked for, and counts from before the request', () => {
  expect([300, 3, 1, 0].map((age) => askedAge('pushed-max-age', age))).toEqual([150, 1, 1, 1]);
  expect(signedInSince('pushed-max-age', { said: 0, maxAge: 300, begunAt: BEGUN })).toBe(850_000);
  expect(signedInSince('pushed-max-age', { said: null, maxAge: 300, begunAt: BEGUN })).toBe(850_000);
});

test('by a pushed request: an auth_time still counts first, and nothing that was asked proves nothing', () => {
  expect(signedInSince('pushed-max-age', { said: 990_000, maxAge: 300, begunAt: BEGUN })).toBe(990_000);
  expect(signedInSince('pushed-max-age', { said: 0, maxAge: undefined, begunAt: BEGUN })).toBeNull();
});
