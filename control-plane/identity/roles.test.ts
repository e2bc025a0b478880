import { expect, test } from 'vitest';
import { rolesOf } from './roles.js';

const roles = { owner: ['okta/it-admins'], auditor: ['okta/security', 'okta/it-admins'] };

test('groups give the roles that name them', () => {
  expect(rolesOf({ kind: 'person', groups: ['okta/it-admins'] }, roles)).toEqual(['owner', 'auditor']);
  expect(rolesOf({ kind: 'person', groups: ['okta/security'] }, roles)).toEqual(['auditor']);
});

test('a group of another provider, or without one, gives none', () => {
  expect(
    rolesOf({ kind: 'person', groups: ['entra/it-admins', 'it-admins', 'okta/it-admins/x', 'OKTA/it-admins'] }, roles),
  ).toEqual([]);
  expect(rolesOf({ kind: 'person', groups: ['okta/it-admins'] }, {})).toEqual([]);
});

test('break-glass is owner and nothing else, and no group gives that', () => {
  expect(rolesOf({ kind: 'break-glass', groups: ['break-glass/operators', 'okta/security'] }, roles)).toEqual([
    'owner',
  ]);
  expect(rolesOf({ kind: 'person', groups: ['break-glass/operators'] }, roles)).toEqual([]);
});
