import { sql, type Kysely } from 'kysely';
import type { Database } from '../../storage/schema.js';

/**
 * Ids of holds that cover a record of these subjects, oldest first, `limit` at most. A hold without server and
 * times covers whatever there is of a person; the others are compared with what is on record, by `audit_index_held` and
 * `audit_index_subject`: one look-up for each hold, however much a person has done. The outcome of a call is not asked for: it is
 * covered with its intent.
 */
export async function holdsOverPeople(
  db: Kysely<Database>,
  subjects: readonly string[],
  limit: number,
): Promise<string[]> {
  const rows = await heldQuery(db, subjects, limit).execute();
  return rows.map(({ id }) => id);
}

/** Not yet executed, so that its plan can be looked at. */
export function heldQuery(db: Kysely<Database>, subjects: readonly string[], limit: number) {
  const recorded = db
    .selectFrom('audit_index as r')
    .select(sql.lit(1).as('one'))
    .where(sql<boolean>`r.phase <> 'outcome'`)
    .where('r.subject', 'in', subjects)
    .where(
      sql<boolean>`r.ts >= coalesce(h.from_time, 0) and r.ts < coalesce(h.to_time, ${sql.lit(Number.MAX_SAFE_INTEGER)})`,
    );
  return db
    .selectFrom('legal_holds as h')
    .select('h.id')
    .where('h.released_at', 'is', null)
    .where((hold) => hold.or([hold('h.person_id', 'is', null), hold('h.person_id', 'in', subjects)]))
    .where((hold) =>
      hold.or([
        hold.and([hold('h.server', 'is', null), hold('h.from_time', 'is', null), hold('h.to_time', 'is', null)]),
        hold.and([hold('h.server', 'is', null), hold.exists(recorded)]),
        hold.and([hold('h.server', 'is not', null), hold.exists(recorded.where(sql<boolean>`r.server = h.server`))]),
      ]),
    )
    .orderBy('h.created_at')
    .orderBy('h.id')
    .limit(limit);
}
