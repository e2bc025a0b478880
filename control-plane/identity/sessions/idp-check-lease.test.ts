import { afterAll, beforeAll, expect, test } from 'vitest';
import { StorageService } from '../../storage/storage.service.js';
import { onEachEngine } from '../../storage/testing/engines.js';
import { TestDatabase } from '../../storage/testing/test-database.js';
import type { Session } from '../caller.js';
import { startApplication, type TestApplication } from '../testing/application.js';
import { TestClient } from '../testing/client.js';
import { giveBackIdpCheck, isUnanswered, takeIdpCheck, unansweredIdpChecks } from './idp-check-lease.js';
import { SessionsService } from './sessions.service.js';

// Long ago, so that the application itself asks about nothing of it.
const NOW = 1_000_000_000_000;

onEachEngine((engine) => {
  let database: TestDatabase;
  let system: TestApplication;
  let session: Session;

  beforeAll(async () => {
    database = await TestDatabase.create(engine);
    system = await startApplication({ database: database.location });
    system.idp.users.set('alice', { active: true });
    await (await TestClient.of(system.publicUrl)).signIn('alice');
    const { db } = system.app.get(StorageService);
    const { id } = await db.selectFrom('sessions').select('id').executeTakeFirstOrThrow();
    const found = await system.app.get(SessionsService).find(id);
    if (!found) throw new Error('There is no session.');
    session = found;
  });
  afterAll(async () => {
    await system[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  test('what was asked without an answer is asked again until its refresh token would count as stolen', async () => {
    const { db } = system.app.get(StorageService);
    expect(await takeIdpCheck(db, session, NOW, NOW + 13_000)).toBe(true);
    expect(await unansweredIdpChecks(db, NOW + 12_999)).toEqual([]);
    expect(await isUnanswered(db, session.id, NOW + 12_999)).toBe(true);
    expect(await unansweredIdpChecks(db, NOW + 13_000)).toEqual([session.id]);
    await giveBackIdpCheck(db, session.id, NOW + 13_000, false);
    expect(await unansweredIdpChecks(db, NOW + 27_999)).toEqual([session.id]);
    expect(await unansweredIdpChecks(db, NOW + 28_000)).toEqual([]);
  });

  test('a further question does not make the first one younger, and an answer ends it', async () => {
    const { db } = system.app.get(StorageService);
    expect(await takeIdpCheck(db, session, NOW + 20_000, NOW + 33_000)).toBe(true);
    await giveBackIdpCheck(db, session.id, NOW + 33_000, false);
    expect(await unansweredIdpChecks(db, NOW + 28_000)).toEqual([]);
    expect(await takeIdpCheck(db, session, NOW + 40_000, NOW + 53_000)).toBe(true);
    await giveBackIdpCheck(db, session.id, NOW + 53_000, false);
    expect(await unansweredIdpChecks(db, NOW + 41_000)).toEqual([session.id]);
    expect(await takeIdpCheck(db, session, NOW + 41_000, NOW + 54_000)).toBe(true);
    await giveBackIdpCheck(db, session.id, NOW + 54_000, true);
    expect(await isUnanswered(db, session.id, NOW + 41_000)).toBe(false);
    expect(await unansweredIdpChecks(db, NOW + 41_000)).toEqual([]);
  });
});
