import type { Kysely } from 'kysely';
import type { Database } from '../../storage/schema.js';
import { BREAK_GLASS } from './operator.js';

/** Break-glass sessions that live, with the time until when. `issuer` is our own; times are epoch milliseconds. */
export async function liveBreakGlassSessions(
  db: Kysely<Database>,
  { issuer, now }: { readonly issuer: string; readonly now: number },
): Promise<{ id: string; until: number }[]> {
  return (
    db
      .selectFrom('sessions')
      .select(['id', 'expires_at as until'])
      // By the person, of whom there is one, so that an index answers.
      .where('person_id', 'in', (persons) =>
        persons
          .selectFrom('persons')
          .select('persons.id')
          .where('issuer', '=', issuer)
          .where('subject', '=', BREAK_GLASS),
      )
      .where('kind', '=', BREAK_GLASS)
      .where('ended_at', 'is', null)
      .where('expires_at', '>', now)
      .execute()
  );
}
