import type { Kysely, Selectable } from 'kysely';
import type { ConnectionsTable } from '../../storage/credential-tables.js';
import type { Database } from '../../storage/schema.js';
import type { Connection, ConnectionFilter } from './connection.js';

export type ConnectionRow = Selectable<ConnectionsTable>;

/** Connections that are listed at once. */
const MOST_LISTED = 5_000;
/** Milliseconds between two notes of a connection's use. */
const USE_NOTED_EVERY = 60_000;

export async function connectionOf(
  db: Kysely<Database>,
  person: string,
  server: string,
): Promise<ConnectionRow | undefined> {
  return db
    .selectFrom('connections')
    .selectAll()
    .where('person_id', '=', person)
    .where('server', '=', server)
    .executeTakeFirst();
}

export async function connectionById(db: Kysely<Database>, id: string): Promise<ConnectionRow | undefined> {
  return db.selectFrom('connections').selectAll().where('id', '=', id).executeTakeFirst();
}

/** By server and person, in that order. */
export async function listConnections(
  db: Kysely<Database>,
  { person, server }: ConnectionFilter,
): Promise<ConnectionRow[]> {
  const all = db.selectFrom('connections').selectAll();
  const ofPerson = person === undefined ? all : all.where('person_id', '=', person);
  const atServer = server === undefined ? ofPerson : ofPerson.where('server', '=', server);
  return atServer.orderBy('server').orderBy('person_id').limit(MOST_LISTED).execute();
}

/** Of several at once one gets the row. */
export async function takeConnection(db: Kysely<Database>, id: string): Promise<ConnectionRow | undefined> {
  return db.deleteFrom('connections').where('id', '=', id).returningAll().executeTakeFirst();
}

/** At most once a minute, so that calls do not wait for the disk. */
export async function noteUse(db: Kysely<Database>, row: ConnectionRow, now: number): Promise<void> {
  if (now - row.last_used_at < USE_NOTED_EVERY) return;
  await db.updateTable('connections').set({ last_used_at: now }).where('id', '=', row.id).execute();
}

export function shownConnection(row: ConnectionRow): Connection {
  return {
    id: row.id,
    person: row.person_id,
    server: row.server,
    issuer: row.issuer,
    scopes: scopesOf(row),
    state: row.state === 'active' ? 'active' : 'refused',
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    refusedAt: row.refused_at,
  };
}

export function scopesOf({ scopes }: Pick<ConnectionRow, 'scopes'>): string[] {
  return JSON.parse(scopes) as string[];
}
