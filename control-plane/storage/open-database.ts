import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import SQLite from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import { Migrator, type Migration } from 'kysely/migration';
import { CodedError, errorText } from '#shared/errors.js';
import { up as firstLight } from './migrations/001-first-light.js';
import type { Database } from './schema.js';

const MIGRATIONS: Record<string, Migration> = { '001-first-light': { up: firstLight } };

/** Opens `sqlite:PATH` (relative to the configuration directory), made for power cuts: WAL, synchronous=FULL. */
export async function openDatabase(location: string, directory: string): Promise<Kysely<Database>> {
  const path = resolve(directory, location.slice('sqlite:'.length));
  let sqlite: SQLite.Database;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    sqlite = new SQLite(path);
    for (const pragma of [
      'journal_mode=WAL',
      'synchronous=FULL',
      'busy_timeout=5000',
      'foreign_keys=ON',
      'temp_store=MEMORY',
    ]) {
      sqlite.pragma(pragma);
    }
  } catch (cause) {
    throw new CodedError('config_invalid', {
      message: `The database ${path} cannot be opened: ${errorText(cause)}. Check that the folder exists and is writable.`,
      cause,
    });
  }
  const db = new Kysely<Database>({ dialect: new SqliteDialect({ database: sqlite }) });
  try {
    await migrate(db);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return db;
}

async function migrate(db: Kysely<Database>): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(MIGRATIONS) } });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return;
  throw new CodedError('config_invalid', {
    message: `The database schema cannot be brought up to date: ${errorText(error)}. Restore a backup, or run the version of mcp-sso that wrote it.`,
    cause: error,
  });
}
