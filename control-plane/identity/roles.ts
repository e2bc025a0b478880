import { ROLES, type Role, type Settings } from '../config/settings.js';

/** The roles that `<provider>/<group>` names give; a role without configured groups is nobody's. */
export function rolesOf(groups: readonly string[], roles: Settings['roles']): Role[] {
  return ROLES.filter((role) => roles[role]?.some((group) => groups.includes(group)) ?? false);
}
