import { sql, type Kysely } from 'kysely';
import type { Clock } from '../clock/skew.js';
import { engineOf } from './engine.js';
import type { Database } from './schema.js';

const LIMIT_MS = 60_000;

/** PostgreSQL's own clock, by which several control planes agree; an SQLite file has none. */
export function databaseClock(db: Kysely<Database>): Clock | undefined {
  if (engineOf(db) === 'sqlite') return undefined;
  return { name: 'the database', limitMs: LIMIT_MS, read: () => databaseTime(db) };
}

async function databaseTime(db: Kysely<Database>): Promise<number> {
  const { rows } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(db);
  return rows[0]?.now.getTime() ?? Number.NaN;
}
