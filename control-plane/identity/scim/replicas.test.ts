import { decodeJwt } from 'jose';
import { expect, test, vi } from 'vitest';
import { CLIENTS } from '#shared/api/paths.js';
import { Notifications } from '../../storage/notifications/notifications.js';
import { onPostgres } from '../../storage/testing/engines.js';
import { TestDatabase } from '../../storage/testing/test-database.js';
import { startApplication, type TestApplication } from '../testing/application.js';
import { TestClient } from '../testing/client.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { patchOf, SCIM_TOKEN, scimRequest } from './testing/scim-request.js';

const eventually = { timeout: 30_000, interval: 5 };
const heardAll = ({ app }: TestApplication) =>
  vi.waitFor(() => expect(app.get(Notifications).current).toBe(true), eventually);

onPostgres(() => {
  test('a group that is lost at one control plane is lost at the other, and so is the whole person', async () => {
    await using database = await TestDatabase.create('postgres');
    const options = {
      database: database.location,
      environment: { SCIM_TOKEN },
      provider: { scim: { token: 'env:SCIM_TOKEN' } },
    };
    await using a = await startApplication(options);
    await using b = await startApplication({ ...options, publicUrl: a.publicUrl, idp: a.idp });
    a.idp.users.set('alice', { email: 'alice@corp.test', groups: [], active: true });
    const send = (method: string, path: string, body: object) => scimRequest(a.address, method, path, body);
    const user = await send('POST', '/Users', { userName: 'alice', externalId: 'alice', active: true });
    const path = `/Users/${String(user.body?.['id'])}`;
    const group = await send('POST', '/Groups', { displayName: 'eng', members: [{ value: user.body?.['id'] }] });
    const client = await TestClient.of(a.publicUrl, CLIENTS.admin);
    const tokens = await client.signIn('alice', { scope: 'openid self' });
    const id = String(decodeJwt(tokens.access_token)['sid']);
    const groupsAtB = async () => (await b.app.get(SessionsService).find(id))?.groups;
    await Promise.all([a, b].map((system) => heardAll(system)));
    expect(await groupsAtB()).toEqual(['corp/eng']);

    const removal = patchOf({ op: 'Remove', path: 'members', value: [{ value: user.body?.['id'] }] });
    await send('PATCH', `/Groups/${String(group.body?.['id'])}`, removal);
    await vi.waitFor(async () => expect(await groupsAtB()).toEqual([]), eventually);
    await send('PATCH', path, patchOf({ op: 'replace', value: { active: false } }));
    await vi.waitFor(async () => expect(await groupsAtB()).toBeUndefined(), eventually);
  });
});
