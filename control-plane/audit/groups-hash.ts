import { createHmac, createSecretKey } from 'node:crypto';

/** Purpose of its key. */
export const GROUPS = 'audit-groups';

const hashes = new WeakMap<readonly string[], { readonly key: Buffer; readonly hash: string }>();

/**
 * Keyed hash (HMAC-SHA256, hex) of somebody's groups, in whatever order: says which calls were made with the same ones, also
 * when the names were erased. A session has one list for all its calls, so most are not computed anew.
 */
export function groupsHash(key: Buffer, groups: readonly string[]): string {
  const known = hashes.get(groups);
  if (known?.key === key) return known.hash;
  const sorted = JSON.stringify([...new Set(groups)].toSorted());
  const hash = createHmac('sha256', createSecretKey(key)).update(sorted).digest('hex');
  hashes.set(groups, { key, hash });
  return hash;
}
