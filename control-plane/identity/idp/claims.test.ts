import { expect, test } from 'vitest';
import { profileOf, type Claims } from './claims.js';

const base = { iss: 'https://idp.test', sub: 'alice' };

test.for<readonly [string, Claims, readonly string[]]>([
  ['an array', { groups: ['a', 'b'] }, ['corp/a', 'corp/b']],
  ['one string', { groups: 'a' }, ['corp/a']],
  ['nothing', {}, []],
  ['null', { groups: null }, []],
  ['numbers and empty names', { groups: [1, '', 'a', { name: 'b' }] }, ['corp/a']],
  ['a pointer elsewhere', { _claim_names: { groups: 'src1' } }, []],
  ['a pointer beside a truncated list', { groups: ['a'], _claim_names: { groups: 'src1' } }, []],
  ['Entra’s short marker', { hasgroups: true, groups: ['a'] }, []],
  ['a name that looks like another provider’s', { groups: ['other/admins'] }, ['corp/other/admins']],
])('groups from %s', ([, claims, groups]) => {
  expect(profileOf({ ...base, ...claims }, 'corp', 'groups').groups).toEqual(groups);
});

test('a person is issuer and subject; the e-mail address is only shown', () => {
  const profile = profileOf(
    { ...base, email: 'a@corp.test', name: 7, auth_time: 1000, amr: ['pwd'] },
    'corp',
    'groups',
  );
  expect(profile).toEqual({
    provider: 'corp',
    issuer: 'https://idp.test',
    subject: 'alice',
    email: 'a@corp.test',
    name: null,
    groups: [],
    acr: null,
    amr: ['pwd'],
    authTime: 1_000_000,
    userName: null,
    idpSession: null,
  });
});

test('what a database cannot hold never gets there', () => {
  const profile = profileOf(
    { ...base, name: `Ali\0ce \ud800`, email: `${'a'.repeat(319)}\u{1f600}`, acr: '\0', auth_time: 1.0005 },
    'corp',
    'groups',
  );
  expect(profile).toMatchObject({ name: 'Alice \ufffd', email: `${'a'.repeat(319)}\ufffd`, acr: '', authTime: 1000 });
  expect(profileOf({ ...base, auth_time: 1e300 }, 'corp', 'groups').authTime).toBeNull();
});

test.each([
  ['a NUL', 'al\0ice'],
  ['half a character', 'alice\ud800'],
  ['256 characters', 'a'.repeat(256)],
  ['no text', 7],
])('a subject with %s is nobody', (_case, sub) => {
  expect(() => profileOf({ ...base, sub }, 'corp', 'groups')).toThrow('names you in a way that it may not');
});
