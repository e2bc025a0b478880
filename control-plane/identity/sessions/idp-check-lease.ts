import { sql, type Kysely } from 'kysely';
import type { Database } from '../../storage/schema.js';
import type { Session } from '../caller.js';

/**
 * Milliseconds after the first question without an answer in which the next one may begin: below the 30 s for which IdPs such as Okta accept a
 * used refresh token again, since an answer that was lost on its way may have used up ours.
 */
const ANSWERABLE = 28_000;
/** Sessions that are asked about again at once; of more, the rest waits for its next turn. */
const MOST = 500;

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
  const asked = sql.ref<number>('idp_asked_at');
  const { numUpdatedRows } = await db
    .updateTable('sessions')
    .set({
      idp_check_until: until,
      idp_asked_at: sql<number>`case when ${asked} > ${now - ANSWERABLE} then ${asked} else ${sql.lit(now)} end`,
    })
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .where('idp_checked_at', '=', idpCheckedAt)
    .where('idp_check_until', '<=', now)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Gives it back; `until` tells ours from that of another, who took it after ours had lapsed. */
export async function giveBackIdpCheck(
  db: Kysely<Database>,
  id: string,
  until: number,
  answered: boolean,
): Promise<void> {
  await db
    .updateTable('sessions')
    .set({ idp_check_until: 0, ...(answered ? { idp_asked_at: 0 } : {}) })
    .where('id', '=', id)
    .where('idp_check_until', '=', until)
    .execute();
}

/** Sessions about which the IdP was asked a moment ago, got no answer, and is asked by nobody now; the first asked come first. */
export async function unansweredIdpChecks(db: Kysely<Database>, now: number): Promise<string[]> {
  const rows = await db
    .selectFrom('sessions')
    .select('id')
    .where('idp_asked_at', '>', now - ANSWERABLE)
    .where('idp_check_until', '<=', now)
    .where('ended_at', 'is', null)
    .orderBy('idp_asked_at')
    .limit(MOST)
    .execute();
  return rows.map(({ id }) => id);
}

/** Whether that still holds of one: two control planes that have found it do not ask one after the other. */
export async function isUnanswered(db: Kysely<Database>, id: string, now: number): Promise<boolean> {
  const row = await db
    .selectFrom('sessions')
    .select('id')
    .where('id', '=', id)
    .where('idp_asked_at', '>', now - ANSWERABLE)
    .where('ended_at', 'is', null)
    .executeTakeFirst();
  return row !== undefined;
}

/** For the only control plane on a database, at its start: whoever still has the right is dead. */
export async function dropIdpChecks(db: Kysely<Database>): Promise<void> {
  await db.updateTable('sessions').set({ idp_check_until: 0 }).where('idp_check_until', '>', 0).execute();
}
