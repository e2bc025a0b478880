import { expect, test } from 'vitest';
import { demandOf } from './admin-answer.js';

const reply = (status: number, code: string, challenge = '') => ({
  status,
  headers: { 'www-authenticate': challenge },
  body: JSON.stringify({ status, code, detail: 'why' }),
});

test('an old sign-in asks for one of the age that the server names', () => {
  const challenge = 'Bearer error="insufficient_user_authentication", max_age="300", scope="x", DPoP max_age="300"';
  expect(demandOf(reply(401, 'sign_in_stale', challenge))).toEqual({ kind: 'fresh', maxAge: 300 });
  expect(demandOf(reply(401, 'sign_in_stale'))).toEqual({ kind: 'fresh', maxAge: 600 });
});

test('a missing scope asks for one', () => {
  expect(demandOf(reply(403, 'scope_insufficient'))).toEqual({ kind: 'scope' });
});

test.each([
  [401, 'token_invalid'],
  [403, 'role_missing'],
  [404, 'not_found'],
  [200, 'sign_in_stale'],
  [500, 'scope_insufficient'],
])('%i %s asks for no sign-in', (status, code) => {
  expect(demandOf(reply(status, code, 'Bearer max_age="1"'))).toBeUndefined();
});

test('a page of a proxy asks for none', () => {
  expect(demandOf({ status: 401, headers: {}, body: '<html>' })).toBeUndefined();
});
