import { expect, test } from 'vitest';
import { findPeople } from '../../storage/find-people.js';
import { onEachEngine } from '../../storage/testing/engines.js';
import { openTestStorage } from '../../storage/testing/open-storage.js';
import { listPeople } from './list-people.js';
import { listSessions } from './list-sessions.js';
import { savePerson } from './persons.js';

const ALICE = {
  provider: 'corp',
  issuer: 'https://idp.test',
  subject: 'alice',
  email: 'Alice@corp.test',
  name: 'Ålice',
};

onEachEngine((engine) => {
  test('a list for nobody is empty, and a word that no database can hold means nobody', async () => {
    await using database = await openTestStorage(engine);
    const { db } = database.storage;
    await savePerson(db, ALICE, 1);
    const page = { limit: 10, now: 0 };
    expect(await listPeople(db, { ...page, people: [] })).toEqual([]);
    expect(await listSessions(db, { ...page, people: [] })).toEqual([]);
    for (const word of ['\0', 'alice\0', '\ud800', 'x'.repeat(100_000)]) {
      expect(await listPeople(db, { ...page, people: await findPeople(db, word) })).toEqual([]);
    }
  });

  test('a person who signs in at several replicas at once for the first time is one person', async () => {
    await using database = await openTestStorage(engine);
    const { db } = database.storage;
    const saved = await Promise.all(Array.from({ length: 8 }, () => savePerson(db, ALICE, 1)));
    expect(new Set(saved.map(({ id }) => id)).size).toBe(1);
    expect(await findPeople(db, 'ålICE')).toEqual(['ålICE', saved[0]!.id]);
    const people = await listPeople(db, { limit: 10, now: 0 });
    expect(people).toMatchObject([{ id: saved[0]!.id, email: 'Alice@corp.test', liveSessions: 0, lastUsedAt: null }]);
  });
});
