import { expect, test } from 'vitest';
import { readLogoutToken } from './logout-token.js';

const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };
const base = { iss: 'https://idp.test', jti: 'j', iat: 1, events };

test('a person, a session of the IdP, or both', () => {
  expect(readLogoutToken({ ...base, sub: 'alice' })).toEqual({ subject: 'alice' });
  expect(readLogoutToken({ ...base, sid: 's1' })).toEqual({ idpSession: 's1' });
  expect(readLogoutToken({ ...base, sub: 'alice', sid: 's1' })).toEqual({ subject: 'alice', idpSession: 's1' });
});

test.for<readonly [string, object, string]>([
  ['a nonce, as an ID token has one', { sub: 'alice', nonce: 'n' }, 'no nonce'],
  ['a nonce that is null', { sub: 'alice', nonce: null }, 'no nonce'],
  ['nobody', {}, 'neither sub nor sid'],
  ['an empty sub and a sid that is no text', { sub: '', sid: 7 }, 'neither sub nor sid'],
  ['no events', { sub: 'alice', events: undefined }, 'not about a logout'],
  ['another event', { sub: 'alice', events: { 'https://schemas.openid.net/other': {} } }, 'not about a logout'],
  [
    'an event that is no object',
    { sub: 'alice', events: { 'http://schemas.openid.net/event/backchannel-logout': true } },
    'not about a logout',
  ],
])('a token with %s is refused', ([, claims, message]) => {
  expect(() => readLogoutToken({ ...base, ...claims })).toThrow(message);
});
