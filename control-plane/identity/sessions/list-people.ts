import type { Kysely } from 'kysely';
import type { Database } from '../../storage/schema.js';
import type { Person } from '../caller.js';
import { isLive, textsIn } from './session-rows.js';

/** A person who has signed in at least once, with what their live sessions say. */
export interface PersonSummary extends Pick<Person, 'id' | 'provider' | 'email' | 'name'> {
  readonly groups: readonly string[];
  readonly liveSessions: number;
  /** Epoch milliseconds, of any session, live or not. */
  readonly lastUsedAt: number | null;
}

export interface PeopleFilter {
  /** Ids of people; without it, everyone. */
  readonly people?: readonly string[];
  /** The last id of the page before. */
  readonly after?: string;
  readonly limit: number;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** People by id: one more than asked for tells that there is a next page. */
export async function listPeople(db: Kysely<Database>, filter: PeopleFilter): Promise<PersonSummary[]> {
  const { people, after = '', limit, now } = filter;
  if (people?.length === 0) return [];
  const persons = await db
    .selectFrom('persons')
    .select(['id', 'provider', 'email', 'name'])
    .where('id', '>', after)
    .where('erased_at', 'is', null)
    .$if(people !== undefined, (query) => query.where('id', 'in', people ?? []))
    .orderBy('id')
    .limit(limit + 1)
    .execute();
  const ids = persons.map(({ id }) => id);
  const [uses, live] = ids.length === 0 ? [[], []] : await Promise.all([lastUses(db, ids), liveGroups(db, ids, now)]);
  const liveOf = Map.groupBy(live, ({ person_id }) => person_id);
  const lastUsed = new Map(uses.map(({ person_id, used_at }) => [person_id, used_at]));
  return persons.map(({ id, provider, email, name }) => {
    const sessions = liveOf.get(id) ?? [];
    const groups = new Set(sessions.flatMap((session) => textsIn(session.groups)));
    const lastUsedAt = lastUsed.get(id) ?? null;
    return { id, provider, email, name, groups: [...groups].toSorted(), liveSessions: sessions.length, lastUsedAt };
  });
}

async function lastUses(db: Kysely<Database>, ids: readonly string[]) {
  return db
    .selectFrom('sessions')
    .select((row) => ['person_id', row.fn.max('last_used_at').as('used_at')])
    .where('person_id', 'in', ids)
    .groupBy('person_id')
    .execute();
}

async function liveGroups(db: Kysely<Database>, ids: readonly string[], now: number) {
  return db
    .selectFrom('sessions')
    .select(['person_id', 'groups'])
    .where('person_id', 'in', ids)
    .where((row) => isLive(row, now))
    .execute();
}
