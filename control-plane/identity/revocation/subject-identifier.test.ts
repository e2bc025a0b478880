import { expect, test } from 'vitest';
import { subjectOf } from './subject-identifier.js';

const alice = { format: 'iss_sub', iss: 'https://idp.test', sub: 'alice' };

test.for<readonly [string, unknown, unknown]>([
  ['issuer and subject', alice, alice],
  ['an e-mail address', { format: 'email', email: 'a@corp.test' }, { format: 'email', email: 'a@corp.test' }],
  ['an opaque id', { format: 'opaque', id: '00u1' }, { format: 'opaque', id: '00u1' }],
  ['members that nobody knows', { ...alice, more: 1 }, alice],
  ['a complex one with its format', { format: 'complex', user: alice, device: { format: 'opaque', id: 'd' } }, alice],
  ['a complex one without', { user: alice, tenant: { format: 'opaque', id: 't' } }, alice],
  ['a user and a session, of which the user counts', { user: alice, session: { format: 'opaque', id: 's' } }, alice],
  ['a session alone', { format: 'complex', session: { format: 'opaque', id: 's' } }, { format: 'session', id: 's' }],
  ['the older spelling', { subject_type: 'iss-sub', iss: 'https://idp.test', sub: 'alice' }, alice],
])('%s', ([, value, expected]) => {
  expect(subjectOf(value)).toEqual(expected);
});

test.for<readonly [string, unknown]>([
  ['nothing', undefined],
  ['a text', 'alice'],
  ['an unknown format', { format: 'phone_number', phone_number: '+1' }],
  ['a user of an unknown format beside a session', { user: { format: 'did' }, session: { format: 'opaque', id: 's' } }],
  ['an empty subject', { format: 'iss_sub', iss: 'https://idp.test', sub: '' }],
  ['a list', [alice]],
  ['a session that calls itself one', { format: 'session', id: 's' }],
  ['a device alone', { device: { format: 'opaque', id: 'd' } }],
])('%s leads to nobody', ([, value]) => {
  expect(subjectOf(value)).toBeUndefined();
});
