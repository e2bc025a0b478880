import { describe, expect, test } from 'vitest';
import { openDatabase } from '../storage/open-database.js';
import { StorageService } from '../storage/storage.service.js';
import { TestDatabase } from '../storage/testing/test-database.js';
import {
  countDifferences,
  endCandidates,
  lastCandidate,
  listDifferences,
  storeCandidate,
  type CountedDifference,
} from './candidate-rows.js';

const FILES = [{ file: 'policies/a.cedar', text: '// of the candidate' }];
const LOSS: CountedDifference = {
  person: 'usr_bob',
  server: 'crm',
  target: "save'; drop table",
  live: 'allow',
  candidate: 'deny',
  calls: 2,
  last: 'ref-1',
};

describe.each(['sqlite', 'postgres'] as const)('on %s', (engine) => {
  test('a candidate ends with the next, and what replicas count adds up', async () => {
    await using database = await TestDatabase.create(engine);
    const open = () => openDatabase(database.location, database.directory);
    const [one, other] = [
      new StorageService(await open(), Buffer.alloc(32, 7)),
      new StorageService(await open(), Buffer.alloc(32, 7)),
    ];
    try {
      expect(await lastCandidate(one.db, one)).toBeUndefined();
      const first = await storeCandidate(one.db, one, { files: FILES, author: 'usr_a', message: null }, 1000);
      const second = await storeCandidate(one.db, one, { files: FILES, author: 'usr_b', message: 'more' }, 2000);
      expect(await lastCandidate(other.db, other)).toMatchObject({ id: second, files: FILES, endedAt: null });
      await countDifferences(one.db, second, [LOSS], 3000);
      const gain = { ...LOSS, live: 'deny', candidate: 'allow', calls: 1 };
      await countDifferences(other.db, second, [{ ...LOSS, calls: 3, last: 'ref-2' }, gain], 4000);
      expect(await listDifferences(one.db, second)).toEqual([{ ...LOSS, calls: 5, last: 'ref-2' }, gain]);
      expect(await listDifferences(one.db, first)).toEqual([]);
      expect(await endCandidates(one.db, 5000, first)).toBe(false);
      expect(await endCandidates(other.db, 5000)).toBe(true);
      expect(await lastCandidate(one.db, one)).toMatchObject({ id: second, endedAt: 5000 });
    } finally {
      await one.onApplicationShutdown();
      await other.onApplicationShutdown();
    }
  });
});
