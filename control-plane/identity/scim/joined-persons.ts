import type { Kysely } from 'kysely';
import type { Database } from '../../storage/schema.js';
import { peopleAt } from '../revocation/person-rows.js';

const AT_ONCE = 500;

/** Ids of the people whom SCIM users with these `externalId`s are: the subjects by which the provider signs them in. */
export async function personsOf(
  db: Kysely<Database>,
  provider: string,
  externalIds: readonly (string | null)[],
): Promise<string[]> {
  const subjects = externalIds.filter((id) => id !== null);
  const persons: string[] = [];
  for (let from = 0; from < subjects.length; from += AT_ONCE) {
    const rows = await db
      .selectFrom('persons')
      .select('id')
      .where('provider', '=', provider)
      .where('subject', 'in', subjects.slice(from, from + AT_ONCE))
      .execute();
    persons.push(...rows.map(({ id }) => id));
  }
  return persons;
}

/**
 * Ids of the people who only have a user's name for an e-mail address and are no SCIM user by their subject. Good for
 * keeping out and never for letting in: an address can be given to somebody else.
 */
export async function personsNamed(db: Kysely<Database>, provider: string, key: string): Promise<string[]> {
  const named = await peopleAt(db, provider, key);
  if (named.length === 0) return [];
  const rows = await db
    .selectFrom('persons')
    .leftJoin('scim_users', (join) =>
      join
        .onRef('scim_users.provider', '=', 'persons.provider')
        .onRef('scim_users.external_id', '=', 'persons.subject'),
    )
    .select('persons.id')
    .where('persons.id', 'in', named)
    .where('scim_users.id', 'is', null)
    .execute();
  return rows.map(({ id }) => id);
}
