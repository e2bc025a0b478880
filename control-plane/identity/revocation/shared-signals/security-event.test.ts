import { expect, test } from 'vitest';
import { readSecurityEvents } from './security-event.js';

const base = { iss: 'https://idp.test', jti: 'j', iat: 1 };
const alice = { format: 'iss_sub', iss: 'https://idp.test', sub: 'alice' };

test.for<readonly [string, string]>([
  ['https://schemas.openid.net/secevent/caep/event-type/session-revoked', 'end'],
  ['https://schemas.openid.net/secevent/caep/event-type/credential-change', 'end'],
  ['https://schemas.openid.net/secevent/risc/event-type/sessions-revoked', 'end'],
  ['https://schemas.openid.net/secevent/oauth/event-type/tokens-revoked', 'end'],
  ['https://schemas.openid.net/secevent/risc/event-type/account-disabled', 'disable'],
  ['https://schemas.openid.net/secevent/risc/event-type/account-purged', 'disable'],
  ['https://schemas.openid.net/secevent/risc/event-type/account-enabled', 'enable'],
  ['https://schemas.openid.net/secevent/ssf/event-type/verification', 'verify'],
  ['https://schemas.openid.net/secevent/caep/event-type/device-compliance-change', 'none'],
  ['https://evil.test/account-enabled', 'none'],
  ['__proto__', 'none'],
])('%s means %s', ([uri, effect]) => {
  const events = JSON.parse(`{"${uri}":{}}`) as object;
  expect(readSecurityEvents({ ...base, sub_id: alice, events })).toMatchObject([{ effect, subject: alice }]);
});

test('the subject of older transmitters stands in the event', () => {
  const events = {
    'https://schemas.openid.net/secevent/caep/event-type/session-revoked': { subject: { user: alice } },
  };
  expect(readSecurityEvents({ ...base, events })).toEqual([{ effect: 'end', name: 'session-revoked', subject: alice }]);
});

test.for([undefined, {}, [], 'x', null])('events that are %o are refused', (events) => {
  expect(() => readSecurityEvents({ ...base, events })).toThrow('holds no event');
});
