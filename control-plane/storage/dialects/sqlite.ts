import SQLite from 'better-sqlite3';
import { Kysely, SqliteAdapter, SqliteDialect, SqliteDriver, type DatabaseConnection, type Driver } from 'kysely';
import { CodedError, errorText } from '#shared/errors.js';
import { makeFolder } from '../database-folder.js';
import type { Database } from '../schema.js';
import { unwritable } from '../unwritable.js';
import { PreparedStatements } from './prepared-statements.js';

/** SQLite rolls changes of the schema back like any other; Kysely would run migrations outside of a transaction. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/** A full disk makes SQLite roll back by itself; a second rollback would fail and hide why. */
class ForgivingDriver extends SqliteDriver {
  constructor(private readonly database: SQLite.Database) {
    super({ database: new PreparedStatements(database) });
  }

  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.database.inTransaction) await super.rollbackTransaction(connection);
  }
}

class TransactionalDialect extends SqliteDialect {
  constructor(private readonly database: SQLite.Database) {
    super({ database });
  }

  override createDriver(): Driver {
    return new ForgivingDriver(this.database);
  }

  override createAdapter(): SqliteAdapter {
    return new TransactionalAdapter();
  }
}

/** Opens or makes the file at `path`, made for power cuts: WAL, synchronous=FULL. */
export function openSqlite(path: string): Kysely<Database> {
  let sqlite: SQLite.Database;
  try {
    makeFolder(path);
    sqlite = new SQLite(path);
    for (const pragma of [
      // Before anything is written: a new file gives back what is deleted, an existing one keeps to how it was made.
      'auto_vacuum=INCREMENTAL',
      'journal_mode=WAL',
      'synchronous=FULL',
      'busy_timeout=5000',
      'foreign_keys=ON',
      'temp_store=MEMORY',
      // What is overwritten, such as the key of somebody erased, leaves no bytes in its page.
      'secure_delete=FAST',
    ]) {
      sqlite.pragma(pragma);
    }
  } catch (cause) {
    const refusal = unwritable(cause, path);
    if (refusal) throw refusal;
    throw new CodedError('config_invalid', {
      message: `The database ${path} cannot be opened: ${errorText(cause)}. Restore it from a backup, or name another in \`database\`.`,
      cause,
    });
  }
  return new Kysely<Database>({ dialect: new TransactionalDialect(sqlite) });
}
