import { expect, test } from 'vitest';
import { ENTERPRISE_SCHEMA, USER_SCHEMA } from './attributes.js';
import { patchOperations } from './patch-operations.js';
import { patchedGroup } from './patched-group.js';
import { patchedUser } from './patched-user.js';
import { ScimError } from './scim-error.js';
import { saysInactive } from './stated-status.js';

const SCHEMAS = ['urn:ietf:params:scim:api:messages:2.0:PatchOp'];
const USER = {
  userName: 'a@b.c',
  active: true,
  name: { givenName: 'A', familyName: 'B' },
  emails: [{ value: 'a@b.c', type: 'work', primary: true }],
};
const GROUP = { displayName: 'eng', externalId: null, members: new Set(['u1', 'u2']) };

const user = (...Operations: object[]) => patchedUser(USER, patchOperations('User', { schemas: SCHEMAS, Operations }));
const group = (...Operations: object[]) => {
  const { members, ...rest } = patchedGroup(GROUP, patchOperations('Group', { schemas: SCHEMAS, Operations }));
  return { ...rest, members: [...members] };
};
const saysInactiveIn = (...Operations: object[]) => saysInactive({ Operations });
const refusal = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    if (error instanceof ScimError) return [error.status, error.scimType];
    throw error;
  }
  return undefined;
};

test.each([
  ['Okta, without a path', { op: 'replace', value: { active: false } }],
  ['Entra ID, by default', { op: 'Replace', path: 'active', value: 'False' }],
  ['Entra ID, with aadOptscim062020', { op: 'replace', path: 'active', value: false }],
  ['Entra ID, without a path', { op: 'Replace', value: { active: 'False' } }],
  ['in capitals', { op: 'REPLACE', path: 'ACTIVE', value: 'FALSE' }],
  ['by add', { op: 'add', path: 'active', value: 'false' }],
  ['by the name of the schema', { op: 'replace', path: `${USER_SCHEMA}:active`, value: false }],
  ['by the schema as a key', { op: 'replace', value: { [USER_SCHEMA]: { Active: 'False' } } }],
  ['with spaces', { op: ' replace ', path: ' active ', value: ' False ' }],
])('a user is not active: %s', (_, operation) => {
  expect(user(operation)).toMatchObject({ active: false });
});

test('an active that is taken away is not true', () => {
  expect(user({ op: 'remove', path: 'active' })['active']).toBeUndefined();
  expect(user({ op: 'replace', path: 'active', value: null })['active']).toBeUndefined();
});

test.each([
  ['a word', { op: 'replace', path: 'active', value: 'nope' }, 'invalidValue'],
  ['a number', { op: 'replace', path: 'active', value: 0 }, 'invalidValue'],
  ['a list', { op: 'replace', path: 'active', value: [false] }, 'invalidValue'],
  ['an object', { op: 'replace', path: 'active', value: { value: false } }, 'invalidValue'],
  ['an empty text', { op: 'replace', value: { active: '' } }, 'invalidValue'],
  ['an unknown op', { op: 'deactivate', path: 'active', value: true }, 'invalidSyntax'],
  ['no op', { path: 'active', value: true }, 'invalidSyntax'],
  ['an attribute that is called like it', { op: 'replace', path: 'isActive', value: false }, 'invalidPath'],
  ['a filter on it', { op: 'replace', path: 'active[value eq true]', value: false }, 'invalidPath'],
  ['a path that is no text', { op: 'replace', path: ['active'], value: false }, 'invalidPath'],
  ['a remove of everything', { op: 'remove' }, 'noTarget'],
  ['a prototype', { op: 'add', path: '__proto__.active', value: true }, 'invalidPath'],
  ['a constructor', { op: 'add', path: 'constructor.prototype', value: { active: true } }, 'invalidPath'],
])('refused: %s', (_, operation, scimType) => {
  expect(refusal(() => user(operation))).toEqual([400, scimType]);
  expect({}).not.toHaveProperty('active');
});

test.each([
  [
    { op: 'Replace', path: 'emails[type eq "work"].value', value: 'x@y.z' },
    { emails: [{ value: 'x@y.z', type: 'work', primary: true }] },
  ],
  [
    { op: 'Replace', path: 'Emails[Type EQ "work"].Value', value: 'x@y.z' },
    { emails: [{ value: 'x@y.z', type: 'work', primary: true }] },
  ],
  [
    { op: 'Add', path: 'phoneNumbers[type eq "mobile"].value', value: '1' },
    { phoneNumbers: [{ value: '1', type: 'mobile' }] },
  ],
  [
    { op: 'Add', path: `${ENTERPRISE_SCHEMA}:department`, value: 'Eng' },
    { [ENTERPRISE_SCHEMA]: { department: 'Eng' } },
  ],
  [
    { op: 'Add', path: `${ENTERPRISE_SCHEMA}:manager`, value: 'm1' },
    { [ENTERPRISE_SCHEMA]: { manager: { value: 'm1' } } },
  ],
  [
    {
      op: 'replace',
      value: { displayName: 'B', 'name.givenName': 'K', [`${ENTERPRISE_SCHEMA}:employeeNumber`]: 'A1' },
    },
    { displayName: 'B', name: { givenName: 'K', familyName: 'B' }, [ENTERPRISE_SCHEMA]: { employeeNumber: 'A1' } },
  ],
  [{ op: 'replace', value: { id: 'x', meta: {}, groups: [], password: 'p', displayName: 'B' } }, { displayName: 'B' }],
  [
    { op: 'replace', path: 'emails.value', value: 'x@y.z' },
    { emails: [{ value: 'x@y.z', type: 'work', primary: true }] },
  ],
  [{ op: 'add', value: { 'urn:example:custom:2.0:User:color': 'red' } }, USER],
])('%j', (operation, expected) => {
  expect(user(operation)).toMatchObject(expected);
  expect(JSON.stringify(user(operation))).not.toContain('"p"');
});

test.each([
  [
    'Okta takes one out and puts one in',
    [
      { op: 'remove', path: 'members[value eq "u1"]' },
      { op: 'add', path: 'members', value: [{ value: 'u3', display: 'x' }] },
    ],
    ['u2', 'u3'],
  ],
  ['Okta replaces all', [{ op: 'replace', path: 'members', value: [{ value: 'u9', display: 'x' }] }], ['u9']],
  ['Entra ID removes by value', [{ op: 'Remove', path: 'members', value: [{ value: 'u1' }] }], ['u2']],
  ['Entra ID adds', [{ op: 'Add', path: 'members', value: [{ value: 'u3' }] }], ['u1', 'u2', 'u3']],
  [
    'a removal by value and display',
    [{ op: 'remove', path: 'members', value: [{ value: 'u1', display: 'Alice' }] }],
    ['u2'],
  ],
  ['a removal of a member that is none', [{ op: 'remove', path: 'members[value eq "u7"]' }], ['u1', 'u2']],
  ['a removal of all', [{ op: 'remove', path: 'members' }], []],
  ['a replacement by nobody', [{ op: 'replace', path: 'members', value: [] }], []],
  ['without a path', [{ op: 'replace', value: { members: [{ value: 'u2' }] } }], ['u2']],
])('members: %s', (_, operations, expected) => {
  expect(group(...operations).members).toEqual(expected);
});

test('a group is renamed by Okta, with its id beside', () => {
  expect(group({ op: 'replace', value: { id: 'g', displayName: 'eng2' } })).toMatchObject({
    displayName: 'eng2',
    members: ['u1', 'u2'],
  });
});

test('what a refused request says of active is still understood', () => {
  expect(saysInactiveIn({ op: 'deactivate', path: 'Active', value: 'False' })).toBe(true);
  expect(saysInactiveIn({ op: 'bogus' }, { op: 'replace', value: { active: false } })).toBe(true);
  expect(saysInactive({ userName: 7, Active: 'false' })).toBe(true);
  expect(saysInactiveIn({ op: 'bogus', path: 'active', value: true })).toBe(false);
  expect(saysInactiveIn({ op: 'replace', path: 'title', value: 'active' })).toBe(false);
  expect(saysInactive([[['active']]])).toBe(false);
});
