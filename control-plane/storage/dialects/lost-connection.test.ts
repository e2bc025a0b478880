import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { onPostgres } from '../testing/engines.js';
import { TestDatabase } from '../testing/test-database.js';
import { openPostgres } from './postgres.js';

onPostgres(() => {
  test('a connection that breaks while it is lent fails its transaction and nothing else', async () => {
    await using database = await TestDatabase.create('postgres');
    const { promise: heard, resolve } = Promise.withResolvers<void>();
    const db = openPostgres(database.location, () => resolve());
    try {
      const broken = db.transaction().execute(async (transaction) => {
        const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(transaction);
        await database.run(`select pg_terminate_backend(${rows[0]?.pid})`);
        // Nothing is asked of it at this moment, so no query can be what fails.
        await heard;
        await sql`select 1`.execute(transaction);
      });
      await expect(broken).rejects.toBeInstanceOf(Error);
      expect((await sql`select 1 as one`.execute(db)).rows).toEqual([{ one: 1 }]);
    } finally {
      await db.destroy();
    }
  });
});
