import { describe, expect, test } from 'vitest';
import { openDatabase } from '../storage/open-database.js';
import { StorageService } from '../storage/storage.service.js';
import { TestDatabase } from '../storage/testing/test-database.js';
import { revisionAt } from './revision-at.js';

describe.each(['sqlite', 'postgres'] as const)('on %s', (engine) => {
  test('which revision was active at a moment is known, and of several in one millisecond the last', async () => {
    await using database = await TestDatabase.create(engine);
    const storage = new StorageService(await openDatabase(database.location, database.directory), Buffer.alloc(32));
    try {
      await storage.db
        .insertInto('catalog_activations')
        .values([
          { id: 'act_1', number: 1, activated_at: 1000 },
          { id: 'act_2', number: 2, activated_at: 2000 },
          { id: 'act_3', number: 1, activated_at: 2000 },
        ])
        .execute();
      const found = await Promise.all([999, 1000, 1999, 2000, 9999].map((moment) => revisionAt(storage.db, moment)));
      expect(found).toEqual([undefined, 1, 1, 1, 1]);
    } finally {
      await storage.onApplicationShutdown();
    }
  });
});
