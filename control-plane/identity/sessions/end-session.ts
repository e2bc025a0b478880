import type { Kysely } from 'kysely';
import type { Database } from '../../storage/schema.js';

/** What the record of an end says. */
export interface EndedSession {
  readonly id: string;
  readonly personId: string;
  readonly clientId: string;
  readonly email: string | null;
}

/** Ends a session in the database, its tokens of the IdP with it. Of several that do so at once, one gets it back. */
export async function endSession(
  db: Kysely<Database>,
  id: string,
  reason: string,
  now: number,
): Promise<EndedSession | undefined> {
  const session = await db
    .updateTable('sessions')
    .set({
      ended_at: now,
      ended_reason: reason,
      sealed_idp_refresh_token: Buffer.alloc(0),
      sealed_idp_tokens: null,
    })
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .returning(['person_id', 'client_id'])
    .executeTakeFirst();
  if (!session) return undefined;
  const { person_id: personId, client_id: clientId } = session;
  const person = await db.selectFrom('persons').select('email').where('id', '=', personId).executeTakeFirst();
  return { id, personId, clientId, email: person?.email ?? null };
}
