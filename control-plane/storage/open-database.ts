import { resolve } from 'node:path';
import type { Kysely } from 'kysely';
import { openPostgres } from './dialects/postgres.js';
import { openSqlite } from './dialects/sqlite.js';
import { migrate } from './migrations/migrate.js';
import type { Database } from './schema.js';

/**
 * Opens `sqlite:PATH` (relative to the configuration directory) or `postgres://…`, and brings its schema up to date.
 * `onLost` hears of idle connections to PostgreSQL that broke.
 * @throws CodedError config_invalid, in one sentence that says what to do.
 */
export async function openDatabase(
  location: string,
  directory: string,
  onLost: (error: Error) => void = () => undefined,
): Promise<Kysely<Database>> {
  const db = location.startsWith('sqlite:')
    ? openSqlite(resolve(directory, location.slice('sqlite:'.length)))
    : await openPostgres(location, onLost);
  try {
    await migrate(db);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return db;
}
