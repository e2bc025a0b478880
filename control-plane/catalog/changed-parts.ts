import { isDeepStrictEqual } from 'node:util';
import { LOCK_FILE } from '../config/policy-files.js';
import type { PolicyFile, Role } from '../config/settings.js';
import type { CatalogContent } from './content.js';

export type Part = 'servers' | 'roles' | 'policies' | typeof LOCK_FILE;

/** Who may change what (design §4.2). */
const CHANGERS: Readonly<Record<Part, readonly Role[]>> = {
  servers: ['admin', 'owner'],
  roles: ['owner'],
  policies: ['author', 'owner'],
  // It accepts definitions of tools, as those do who review them.
  [LOCK_FILE]: ['approver', 'owner'],
};

/** What differs between two revisions. */
export function changedParts(before: CatalogContent, after: CatalogContent): Part[] {
  const differs: Readonly<Record<Part, boolean>> = {
    servers: !isDeepStrictEqual(before.servers, after.servers),
    roles: !isDeepStrictEqual(before.roles, after.roles),
    policies: !isDeepStrictEqual(before.policyFiles.filter(isNoLock), after.policyFiles.filter(isNoLock)),
    [LOCK_FILE]: lockOf(before) !== lockOf(after),
  };
  return (['servers', 'roles', 'policies', LOCK_FILE] as const).filter((part) => differs[part]);
}

function isNoLock({ file }: PolicyFile): boolean {
  return file !== LOCK_FILE;
}

function lockOf({ policyFiles }: CatalogContent): string | undefined {
  return policyFiles.find(({ file }) => file === LOCK_FILE)?.text;
}

/** The parts that none of these roles may change. */
export function forbiddenParts(parts: readonly Part[], held: readonly Role[]): Part[] {
  return parts.filter((part) => !CHANGERS[part].some((role) => held.includes(role)));
}
