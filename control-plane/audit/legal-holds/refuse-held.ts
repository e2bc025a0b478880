import type { Kysely } from 'kysely';
import { CodedError } from '#shared/errors.js';
import type { Database } from '../../storage/schema.js';
import type { StorageService } from '../../storage/storage.service.js';
import { holdsOverPeople } from './held-people.js';
import { findHold } from './hold-rows.js';

/** Enough to go on with; what they hide comes up when these are released. */
const NAMED = 5;

/**
 * Throws `legal_hold`, which names the holds, where one covers a record of these subjects. An answer counts only in the
 * transaction that erases, below the locks `legal-holds` and `audit-log`, in this order.
 */
export async function refuseHeld(
  db: Kysely<Database>,
  sealing: Pick<StorageService, 'seal' | 'open'>,
  subjects: readonly string[],
): Promise<void> {
  const ids = await holdsOverPeople(db, subjects, NAMED + 1);
  if (ids.length === 0) return;
  const named: string[] = [];
  for (const id of ids.slice(0, NAMED)) {
    const hold = await findHold(db, sealing, id);
    if (hold) named.push(`${hold.id} (${hold.name})`);
  }
  const more = ids.length > NAMED ? ' and others' : '';
  throw new CodedError('legal_hold', {
    message: `Records of this person are under legal hold: ${named.join(', ')}${more}. They can be erased once an owner has released it: mcp-sso admin holds release ID --reason TEXT.`,
  });
}
