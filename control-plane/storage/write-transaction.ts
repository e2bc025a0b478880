import { sql, type Kysely } from 'kysely';
import { engineOf } from './engine.js';
import type { Database } from './schema.js';

/** What only one writer at a time may do. The numbers are PostgreSQL advisory locks; they never change. */
const LOCKS = {
  'audit-log': 7_301,
  'signing-keys': 7_302,
  catalog: 7_303,
  installation: 7_304,
  'started-settings': 7_305,
  'legal-holds': 7_306,
  'audit-partitions': 7_307,
  scim: 7_325,
  secrets: 7_341,
  approvals: 7_334,
  grants: 7_333,
  'tool-definitions': 7_326,
} as const;
type Lock = keyof typeof LOCKS;

/**
 * A transaction that holds `lock` before it reads, so that nothing it has read can be outdated when it writes: on
 * SQLite the one write lock there is, on PostgreSQL an advisory lock of that name. Rolled back where `work` throws.
 */
export function writeTransaction<T>(
  db: Kysely<Database>,
  lock: Lock,
  work: (connection: Kysely<Database>) => Promise<T>,
): Promise<T> {
  return engineOf(db) === 'postgres' ? onPostgres(db, lock, work) : onSqlite(db, work);
}

/**
 * Holds `lock` for the rest of a transaction that is open already. On SQLite nothing is to be done: the first statement
 * that writes takes the one write lock there is, so it must come before anything is read.
 */
export async function takeLock(transaction: Kysely<Database>, lock: Lock): Promise<void> {
  if (engineOf(transaction) !== 'postgres') return;
  await sql`select pg_advisory_xact_lock(${sql.lit(LOCKS[lock])})`.execute(transaction);
}

async function onPostgres<T>(
  db: Kysely<Database>,
  lock: Lock,
  work: (connection: Kysely<Database>) => Promise<T>,
): Promise<T> {
  return db.transaction().execute(async (transaction) => {
    await takeLock(transaction, lock);
    return work(transaction);
  });
}

async function onSqlite<T>(db: Kysely<Database>, work: (connection: Kysely<Database>) => Promise<T>): Promise<T> {
  return db.connection().execute(async (connection) => {
    await sql`begin immediate`.execute(connection);
    try {
      const result = await work(connection);
      await sql`commit`.execute(connection);
      return result;
    } catch (error) {
      // A full disk makes SQLite roll back by itself; then there is nothing to roll back, and `error` says why.
      await sql`rollback`.execute(connection).catch(() => undefined);
      throw error;
    }
  });
}
