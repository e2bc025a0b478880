import { decodeJwt } from 'jose';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { onEachEngine } from '../../storage/testing/engines.js';
import { TestDatabase } from '../../storage/testing/test-database.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { startApplication, type TestApplication } from '../testing/application.js';
import { TestClient } from '../testing/client.js';
import { patchOf, SCIM_TOKEN, scimRequest } from './testing/scim-request.js';

onEachEngine((engine) => {
  let database: TestDatabase;
  let system: TestApplication;
  let user: string;
  let session: string;

  beforeAll(async () => {
    database = await TestDatabase.create(engine);
    const provider = { scim: { token: 'env:SCIM_TOKEN' } };
    system = await startApplication({ database: database.location, environment: { SCIM_TOKEN }, provider });
    system.idp.users.set('alice', { email: 'alice@corp.test', groups: [], active: true });
  });
  beforeEach(async () => {
    await database.run('delete from scim_users; update persons set disabled_at = null, disabled_by = null');
    const alice = { userName: 'a.liddell', externalId: 'alice', active: true };
    user = String((await send('POST', '/Users', alice)).body?.['id']);
    const tokens = await (await TestClient.of(system.publicUrl)).signIn('alice');
    session = String(decodeJwt(tokens.access_token)['sid']);
  });
  afterAll(async () => {
    await system[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  const send = (method: string, path: string, body: object) => scimRequest(system.publicUrl, method, path, body);
  const isIn = async () => (await system.app.get(SessionsService).find(session)) !== undefined;
  const newSignIn = async () => (await TestClient.of(system.publicUrl)).toConfirmPage('alice');

  test.each([
    ['PUT without it', 'PUT', { userName: 'a.liddell', active: false }],
    [
      'PATCH that removes it',
      'PATCH',
      patchOf({ op: 'remove', path: 'externalId' }, { op: 'replace', path: 'active', value: false }),
    ],
    ['PATCH that names another', 'PATCH', patchOf({ op: 'replace', value: { externalId: 'bob', active: false } })],
  ])('who was the user by externalId until now is out also by a %s', async (_, method, body) => {
    expect(await isIn()).toBe(true);
    expect((await send(method, `/Users/${user}`, body)).status).toBe(200);
    expect(await isIn()).toBe(false);
    expect((await newSignIn()).text).toContain('Your account has been disabled');
  });

  test('a replacement without externalId leaves it: who is out by one may come back by the next', async () => {
    await send('PUT', `/Users/${user}`, { userName: 'a.liddell', active: false });
    const { body } = await send('PUT', `/Users/${user}`, { userName: 'a.liddell', active: true });
    expect(body).toMatchObject({ externalId: 'alice', active: true });
    expect(await isIn()).toBe(false);
    expect((await newSignIn()).status).toBe(200);
  });
});
