import { isDeepStrictEqual } from 'node:util';
import type { Role } from '../config/settings.js';
import type { CatalogContent } from './content.js';

export type Part = 'servers' | 'roles' | 'policies';

/** Who may change what (design §4.2). */
const CHANGERS: Readonly<Record<Part, readonly Role[]>> = {
  servers: ['admin', 'owner'],
  roles: ['owner'],
  policies: ['author', 'owner'],
};

/** What differs between two revisions. */
export function changedParts(before: CatalogContent, after: CatalogContent): Part[] {
  const differs: Readonly<Record<Part, boolean>> = {
    servers: !isDeepStrictEqual(before.servers, after.servers),
    roles: !isDeepStrictEqual(before.roles, after.roles),
    policies: !isDeepStrictEqual(before.policyFiles, after.policyFiles),
  };
  return (['servers', 'roles', 'policies'] as const).filter((part) => differs[part]);
}

/** The parts that none of these roles may change. */
export function forbiddenParts(parts: readonly Part[], held: readonly Role[]): Part[] {
  return parts.filter((part) => !CHANGERS[part].some((role) => held.includes(role)));
}
