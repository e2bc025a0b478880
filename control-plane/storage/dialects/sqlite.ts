import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import SQLite from 'better-sqlite3';
import { Kysely, SqliteAdapter, SqliteDialect } from 'kysely';
import { CodedError, errorText } from '#shared/errors.js';
import type { Database } from '../schema.js';

/** SQLite rolls changes of the schema back like any other; Kysely would run migrations outside of a transaction. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class TransactionalDialect extends SqliteDialect {
  override createAdapter(): SqliteAdapter {
    return new TransactionalAdapter();
  }
}

/** Opens or makes the file at `path`, made for power cuts: WAL, synchronous=FULL. */
export function openSqlite(path: string): Kysely<Database> {
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
  return new Kysely<Database>({ dialect: new TransactionalDialect({ database: sqlite }) });
}
