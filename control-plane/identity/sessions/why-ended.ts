import type { Kysely } from 'kysely';
import { endedAtLimit, endedUnused } from '#shared/api/session-ends.js';
import type { Database } from '../../storage/schema.js';

/** The sentence for whoever held a session that ran out; undefined where it lives, is unknown or was ended by somebody. */
export async function whyEnded(db: Kysely<Database>, id: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('sessions')
    .select(['ended_at', 'ended_reason', 'idle_seconds', 'created_at', 'expires_at'])
    .where('id', '=', id)
    .executeTakeFirst();
  if (row?.ended_at == null) return undefined;
  if (row.ended_reason === 'idle' && row.idle_seconds !== null) return endedUnused(row.idle_seconds);
  // One that the IdP can't be asked about ends as expired too, and before its time.
  const wasDue = row.ended_reason === 'expired' && row.expires_at <= row.ended_at;
  return wasDue ? endedAtLimit((row.expires_at - row.created_at) / 1000) : undefined;
}
