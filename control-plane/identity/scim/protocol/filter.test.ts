import { expect, test } from 'vitest';
import { matchesAll, resourceFilter } from './resource-filter.js';
import type { ScimError } from './scim-error.js';

const USER = {
  userName: 'Ann@Corp.test',
  externalId: '00uA',
  active: true,
  displayName: 'Ann "A" B',
  emails: [
    { value: 'ann@corp.test', type: 'work' },
    { value: 'ann@home.test', type: 'home' },
  ],
};
const matches = (filter: string) => matchesAll(resourceFilter('User', { filter }), 'scu_1', USER);

test.each([
  ['userName eq "ann@corp.test"', true],
  ['USERNAME EQ "ANN@CORP.TEST"', true],
  ['urn:ietf:params:scim:schemas:core:2.0:User:userName eq "ann@corp.test"', true],
  ['userName eq "bob@corp.test"', false],
  ['externalId eq "00uA"', true],
  ['externalId eq "00UA"', false],
  ['id eq "scu_1"', true],
  ['externalId eq "00uA" and active eq true', true],
  ['externalId eq "00uA" AND active eq False', false],
  ['emails[type eq "work"].value eq "ann@corp.test"', true],
  ['emails[type eq "work"].value eq "ann@home.test"', false],
  ['emails[type eq "work" and value eq "ann@corp.test"].value eq "ann@corp.test"', true],
  ['emails.value eq "ann@home.test"', true],
  ['emails eq "ann@home.test"', true],
  [String.raw`displayName eq "ann \"a\" b"`, true],
  ['displayName eq "x] and userName eq y"', false],
])('%s', (filter, expected) => {
  expect(matches(filter)).toBe(expected);
});

test.each([
  'userName co "ann"',
  'userName eq "a" or userName eq "b"',
  'not (userName eq "a")',
  'userName pr',
  'userName eq',
  'userName eq "a" and',
  'userName eq {"a":1}',
  'userName eq "a',
  'password eq "x"',
  'nothing eq "x"',
  '__proto__ eq "x"',
  ' ',
  `userName eq "${'a'.repeat(3000)}"`,
  Array.from({ length: 11 }, () => 'userName eq "a"').join(' and '),
  '['.repeat(2000),
])('refused: %s', (filter) => {
  expect(() => matches(filter)).toThrow(
    expect.objectContaining({ status: 400, scimType: 'invalidFilter' }) as ScimError,
  );
});
