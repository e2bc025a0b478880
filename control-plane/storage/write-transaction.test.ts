import { expect, test } from 'vitest';
import { onEachEngine } from './testing/engines.js';
import { openTestStorage } from './testing/open-storage.js';
import { writeTransaction } from './write-transaction.js';

onEachEngine((engine) => {
  test('what one holder of a lock has read is still so when it writes', async () => {
    await using database = await openTestStorage(engine);
    const replicas = engine === 'postgres' ? [database.storage, await database.another()] : [database.storage];
    const next = async ({ db }: (typeof replicas)[number]): Promise<void> =>
      writeTransaction(db, 'catalog', async (connection) => {
        const last = await connection
          .selectFrom('catalog_revisions')
          .select('number')
          .orderBy('number', 'desc')
          .executeTakeFirst();
        const number = (last?.number ?? 0) + 1;
        const sealed = Buffer.alloc(0);
        const row = { number, parent: null, sha256: '', source: 'api', author: 'x', sealed, created_at: 1 };
        await connection.insertInto('catalog_revisions').values(row).execute();
      });
    await Promise.all(Array.from({ length: 12 }, (_, turn) => next(replicas[turn % replicas.length]!)));
    const rows = await database.storage.db.selectFrom('catalog_revisions').select('number').orderBy('number').execute();
    expect(rows.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  });

  test('what throws leaves nothing behind, and the lock is free again', async () => {
    await using database = await openTestStorage(engine);
    const { db } = database.storage;
    const failed = writeTransaction(db, 'installation', async (connection) => {
      const row = { id: 'installation', sealed_proof: Buffer.alloc(1), created_at: 1 };
      await connection.insertInto('installation').values(row).execute();
      await connection.insertInto('installation').values(row).execute();
    });
    await expect(failed).rejects.toThrow(/unique/i);
    const rows = await writeTransaction(db, 'installation', (connection) =>
      connection.selectFrom('installation').selectAll().execute(),
    );
    expect(rows).toEqual([]);
  });
});
