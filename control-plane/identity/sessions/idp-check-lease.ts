import type { Kysely } from 'kysely';
import type { Database } from '../../storage/schema.js';
import type { Session } from '../caller.js';

/**
 * Takes the sole right to ask the IdP about a session until `until`, for one control plane of all on the database.
 * False where another has it, or has asked since `session` was read. Times are epoch milliseconds.
 */
export async function takeIdpCheck(
  db: Kysely<Database>,
  { id, idpCheckedAt }: Session,
  now: number,
  until: number,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('sessions')
    .set({ idp_check_until: until })
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .where('idp_checked_at', '=', idpCheckedAt)
    .where('idp_check_until', '<=', now)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Gives it back; `until` tells ours from that of another, who took it after ours had lapsed. */
export async function giveBackIdpCheck(db: Kysely<Database>, id: string, until: number): Promise<void> {
  await db
    .updateTable('sessions')
    .set({ idp_check_until: 0 })
    .where('id', '=', id)
    .where('idp_check_until', '=', until)
    .execute();
}

/** For the only control plane on a database, at its start: whoever still has the right is dead. */
export async function dropIdpChecks(db: Kysely<Database>): Promise<void> {
  await db.updateTable('sessions').set({ idp_check_until: 0 }).where('idp_check_until', '>', 0).execute();
}
