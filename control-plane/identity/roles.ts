import { ROLES, type Role, type Settings } from '../config/settings.js';
import type { Session } from './caller.js';

/**
 * The roles that `<provider>/<group>` names give; a role without configured groups is nobody's. Who came by break-glass
 * owns the host, so they are its owner here too.
 */
export function rolesOf({ kind, groups }: Pick<Session, 'kind' | 'groups'>, roles: Settings['roles']): Role[] {
  if (kind === 'break-glass') return ['owner'];
  return ROLES.filter((role) => roles[role]?.some((group) => groups.includes(group)) ?? false);
}
