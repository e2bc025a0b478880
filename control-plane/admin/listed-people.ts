import type { Kysely } from 'kysely';
import type { ListedPerson } from '#shared/api/person.js';
import type { Database } from '../storage/schema.js';

/** People by id, as lists show them; those who are not known are absent. */
export async function listedPeople(
  db: Kysely<Database>,
  ids: readonly string[],
): Promise<ReadonlyMap<string, ListedPerson>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('persons')
    .select(['id', 'email', 'name'])
    .where('id', 'in', [...new Set(ids)])
    .execute();
  return new Map(rows.map((person) => [person.id, person]));
}
