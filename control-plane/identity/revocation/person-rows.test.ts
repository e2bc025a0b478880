import { afterAll, beforeAll, expect, test } from 'vitest';
import { StorageService } from '../../storage/storage.service.js';
import { onEachEngine } from '../../storage/testing/engines.js';
import { TestDatabase } from '../../storage/testing/test-database.js';
import { savePerson } from '../sessions/persons.js';
import { startApplication, type TestApplication } from '../testing/application.js';
import { peopleAt } from './person-rows.js';

onEachEngine((engine) => {
  let database: TestDatabase;
  let system: TestApplication;
  beforeAll(async () => {
    database = await TestDatabase.create(engine);
    system = await startApplication({ database: database.location });
  });
  afterAll(async () => {
    await system[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  test('an address means the same people in any case, also beyond ASCII, and nobody of another provider', async () => {
    const { db } = system.app.get(StorageService);
    const save = (provider: string, email: string) =>
      savePerson(db, { provider, issuer: `https://${provider}.example`, subject: email, email, name: null }, 1);
    const [ann, mueller] = [await save('corp', 'Ann@corp.test'), await save('corp', 'MÜLLER@corp.test')];
    await save('other', 'Ann@corp.test');
    await save('other', 'müller@corp.test');
    expect(await peopleAt(db, 'corp', 'ANN@corp.test')).toEqual([ann.id]);
    expect(await peopleAt(db, 'corp', 'müller@corp.test')).toEqual([mueller.id]);
    expect(await peopleAt(db, 'corp', 'nobody@corp.test')).toEqual([]);
  });
});
