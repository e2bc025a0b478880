import { resolve } from 'node:path';
import type { Kysely } from 'kysely';
import { openPostgres, openPostgresForMigration, shownUrl } from './dialects/postgres.js';
import { openSqlite } from './dialects/sqlite.js';
import { migrate } from './migrations/migrate.js';
import type { Database } from './schema.js';
import { unwritable } from './unwritable.js';

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
  const { db } = await openMigrated(location, directory);
  if (isSqlite(location)) return db;
  await db.destroy();
  return openPostgres(location, onLost);
}

/** Brings the schema up to date; resolves to the names of the migrations that it took. Throws like `openDatabase`. */
export async function migrateDatabase(location: string, directory: string): Promise<readonly string[]> {
  const { db, applied } = await openMigrated(location, directory);
  await db.destroy();
  return applied;
}

/** Whether a database is a file of this machine, which one control plane serves alone. */
export function isSqlite(location: string): boolean {
  return location.startsWith('sqlite:');
}

async function openMigrated(location: string, directory: string) {
  const db = isSqlite(location)
    ? openSqlite(databaseName(location, directory))
    : await openPostgresForMigration(location);
  try {
    return { db, applied: await migrate(db) };
  } catch (error) {
    await db.destroy();
    throw unwritable(error, databaseName(location, directory)) ?? error;
  }
}

/** How messages name the database: the file, or the address without its password. */
export function databaseName(location: string, directory: string): string {
  return isSqlite(location) ? resolve(directory, location.slice('sqlite:'.length)) : shownUrl(location);
}
