import { afterAll, beforeAll, expect, test } from 'vitest';
import { StorageService } from '../../storage/storage.service.js';
import { startApplication, type TestApplication } from '../testing/application.js';
import { TestClient, type Tokens } from '../testing/client.js';
import { LastUse } from './last-use.js';
import { onEachEngine } from '../../storage/testing/engines.js';
import { TestDatabase } from '../../storage/testing/test-database.js';

let database: TestDatabase;
onEachEngine((engine) => {
  let system: TestApplication;
  let client: TestClient;
  let tokens: Tokens;

  beforeAll(async () => {
    database = await TestDatabase.create(engine);
    system = await startApplication({ database: database.location });
    // Its own minute must not be over during the calls.
    await system.app.get(LastUse).beforeApplicationShutdown();
    system.idp.users.set('alice', { active: true });
    client = await TestClient.of(system.publicUrl, 'mcp-sso-admin');
    tokens = await client.signIn('alice', { scope: 'openid self' });
  });
  afterAll(async () => {
    await system[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  async function lastUsed(): Promise<number> {
    const { db } = system.app.get(StorageService);
    return (await db.selectFrom('sessions').select('last_used_at').executeTakeFirstOrThrow()).last_used_at;
  }

  test('ten calls write nothing; the minute writes the last of them', async () => {
    const before = await lastUsed();
    for (let call = 0; call < 10; call += 1) {
      expect((await client.fetch(`${system.publicUrl}/api/v1/probe`, tokens.access_token)).status).toBe(200);
    }
    const called = Date.now();
    expect(await lastUsed()).toBe(before);
    await system.app.get(LastUse).write();
    const written = await lastUsed();
    expect(written).toBeGreaterThan(before);
    expect(written).toBeLessThanOrEqual(called);
  });

  test('what another replica wrote later stays, and a session that is gone is no fault', async () => {
    const use = system.app.get(LastUse);
    const { db } = system.app.get(StorageService);
    const { id } = await db.selectFrom('sessions').select('id').executeTakeFirstOrThrow();
    const written = await lastUsed();
    use.note(id, written - 1000);
    use.note('gone', Date.now());
    await use.write();
    expect(await lastUsed()).toBe(written);
  });
});
