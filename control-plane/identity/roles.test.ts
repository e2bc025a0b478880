import { expect, test } from 'vitest';
import { rolesOf } from './roles.js';

const roles = { owner: ['okta/it-admins'], auditor: ['okta/security', 'okta/it-admins'] };

test('groups give the roles that name them', () => {
  expect(rolesOf(['okta/it-admins'], roles)).toEqual(['owner', 'auditor']);
  expect(rolesOf(['okta/security'], roles)).toEqual(['auditor']);
});

test('a group of another provider, or without one, gives none', () => {
  expect(rolesOf(['entra/it-admins', 'it-admins', 'okta/it-admins/x', 'OKTA/it-admins'], roles)).toEqual([]);
  expect(rolesOf(['okta/it-admins'], {})).toEqual([]);
});
