import { sql, type Kysely } from 'kysely';
import type { Database } from './schema.js';

/**
 * A transaction that takes SQLite's write lock before it reads, so that nothing it has read can be outdated when it
 * writes. Rolled back where `work` throws.
 */
export function writeTransaction<T>(
  db: Kysely<Database>,
  work: (connection: Kysely<Database>) => Promise<T>,
): Promise<T> {
  return db.connection().execute(async (connection) => {
    await sql`begin immediate`.execute(connection);
    try {
      const result = await work(connection);
      await sql`commit`.execute(connection);
      return result;
    } catch (error) {
      await sql`rollback`.execute(connection);
      throw error;
    }
  });
}
