import type { Kysely } from 'kysely';
import type { Database } from '../../storage/schema.js';
import type { Session } from '../caller.js';

/** What the IdP said at a re-check. */
export interface FreshProfile {
  readonly groups: readonly string[];
  readonly email: string | null;
  readonly name: string | null;
  readonly managedDevice: boolean;
}

/** Whether a call could see that the IdP says something new. */
export function differs({ groups, managedDevice, person }: Session, fresh: FreshProfile): boolean {
  const sameGroups = JSON.stringify(groups) === JSON.stringify(fresh.groups);
  const sameDevice = managedDevice === fresh.managedDevice;
  return !sameGroups || !sameDevice || person.email !== fresh.email || person.name !== fresh.name;
}

/**
 * Not into an ended session, and not where another control plane has asked since `session` was read: one that stood
 * still would bring back groups that were taken away. The question alone is no use of the session: a client that only
 * refreshes would keep it for ever. `checkedAt`: epoch milliseconds.
 */
export async function saveProfile(
  db: Kysely<Database>,
  { id, person, idpCheckedAt }: Session,
  { groups, email, name, managedDevice }: FreshProfile,
  checkedAt: number,
  sealedTokens: Buffer | null,
): Promise<void> {
  const { numUpdatedRows } = await db
    .updateTable('sessions')
    .set({
      groups: JSON.stringify(groups),
      managed_device: Number(managedDevice),
      idp_checked_at: checkedAt,
      sealed_idp_tokens: sealedTokens,
    })
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .where('idp_checked_at', '=', idpCheckedAt)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return;
  await db.updateTable('persons').set({ email, name }).where('id', '=', person.id).execute();
}
