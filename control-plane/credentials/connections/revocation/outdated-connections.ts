import type { Kysely } from 'kysely';
import type { Settings } from '../../../config/settings.js';
import type { Database } from '../../../storage/schema.js';
import { settingsOf } from './connection-settings.js';

/** Ended at once; the next sweep goes on. */
const BATCH = 500;
/** Milliseconds for which a server has to be away: a revision that is taken back an hour later costs nobody a connection. */
export const GRACE = 3_600_000;

/** Of people whose account is disabled, or who are not known any more. */
export async function connectionsOfLeavers(db: Kysely<Database>, people?: readonly string[]): Promise<string[]> {
  if (people?.length === 0) return [];
  const rows = await db
    .selectFrom('connections')
    .leftJoin('persons', 'persons.id', 'connections.person_id')
    .select('connections.id')
    .where((row) => row.or([row('persons.id', 'is', null), row('persons.disabled_at', 'is not', null)]))
    .$if(people !== undefined, (query) => query.where('connections.person_id', 'in', people ?? []))
    .limit(BATCH)
    .execute();
  return rows.map(({ id }) => id);
}

export async function connectionsOfPeople(db: Kysely<Database>, people: readonly string[]): Promise<string[]> {
  if (people.length === 0) return [];
  const rows = await db.selectFrom('connections').select('id').where('person_id', 'in', people).execute();
  return rows.map(({ id }) => id);
}

export async function connectionsUnusedSince(db: Kysely<Database>, then: number): Promise<string[]> {
  const rows = await db
    .selectFrom('connections')
    .select('id')
    .where('last_used_at', '<=', then)
    .where('created_at', '<=', then)
    .limit(BATCH)
    .execute();
  return rows.map(({ id }) => id);
}

/** Connections of which the settings in force know no credential, by how long this process has seen that. */
export class UnservedConnections {
  #since = new Map<string, number>();

  /** Ids of those that have been so for the whole grace. */
  async look(db: Kysely<Database>, servers: Settings['servers'], now: number): Promise<string[]> {
    const pairs = await db.selectFrom('connections').select(['server', 'issuer']).distinct().execute();
    const away = pairs.filter((pair) => settingsOf(servers, pair) === undefined);
    this.#since = new Map(away.map((pair) => [keyOf(pair), this.#since.get(keyOf(pair)) ?? now]));
    const over = away.filter((pair) => now - this.#since.get(keyOf(pair))! >= GRACE);
    const ids: string[] = [];
    for (const { server, issuer } of over) {
      const rows = await db
        .selectFrom('connections')
        .select('id')
        .where('server', '=', server)
        .where('issuer', '=', issuer)
        .limit(BATCH)
        .execute();
      ids.push(...rows.map(({ id }) => id));
    }
    return ids;
  }
}

function keyOf({ server, issuer }: { readonly server: string; readonly issuer: string }): string {
  return JSON.stringify([server, issuer]);
}
