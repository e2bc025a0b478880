import { afterAll, beforeAll, expect, test } from 'vitest';
import { endedSchema } from '#shared/api/sessions.js';
import { userPageSchema } from '#shared/api/users.js';
import { Company, type SignedIn } from './testing/company.js';
import { onEachEngine } from '../storage/testing/engines.js';
import { TestDatabase } from '../storage/testing/test-database.js';

let database: TestDatabase;
onEachEngine((engine) => {
  let company: Company;
  let helpdesk: SignedIn;

  beforeAll(async () => {
    database = await TestDatabase.create(engine);
    company = await Company.start({ database: database.location });
    helpdesk = await company.administer('helpdesk');
  });
  afterAll(async () => {
    await company[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  const users = async (query = '') =>
    userPageSchema.parse((await helpdesk.ask('GET', `/api/v1/users${query}`)).body).users;

  test('a person is listed with the groups of their live sessions and their last use', async () => {
    const alice = await company.bridge('alice');
    await company.bridge('alice');
    const owner = await company.administer('owner');
    expect(await users('?user=owner')).toEqual([
      {
        id: owner.person,
        email: 'owner@corp.test',
        name: 'owner',
        provider: 'corp',
        groups: ['corp/owner'],
        liveSessions: 1,
        lastUsedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string,
      },
    ]);
    expect(await users('?user=alice')).toMatchObject([{ id: alice.person, groups: [], liveSessions: 2 }]);
  });

  test('pages follow one another', async () => {
    const all = await users();
    expect(all.length).toBeGreaterThan(2);
    const first = userPageSchema.parse((await helpdesk.ask('GET', '/api/v1/users?limit=1')).body);
    const rest = await users(`?cursor=${first.nextCursor}`);
    expect([...first.users, ...rest]).toEqual(all);
  });

  test('all sessions of a person end at once; the person stays listed, without groups', async () => {
    const admins = [await company.administer('admin'), await company.administer('admin')];
    const { body } = await helpdesk.ask('DELETE', `/api/v1/users/${admins[0]!.person}/sessions`);
    expect(endedSchema.parse(body).ended.toSorted()).toEqual(admins.map(({ session }) => session).toSorted());
    for (const admin of admins) expect((await admin.ask('GET', '/api/v1/sessions')).status).toBe(401);
    expect(await users('?user=admin')).toMatchObject([{ groups: [], liveSessions: 0 }]);
  });

  test('everyone may end all of their own as me, and nobody else’s', async () => {
    const [one, other] = [await company.administer('bob'), await company.administer('bob')];
    const foreign = await one.ask('DELETE', `/api/v1/users/${helpdesk.person}/sessions`);
    expect(foreign).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect(await one.ask('DELETE', `/api/v1/users/usr_${'0'.repeat(32)}/sessions`)).toEqual(foreign);
    const { body } = await one.ask('DELETE', '/api/v1/users/me/sessions');
    expect(endedSchema.parse(body).ended.toSorted()).toEqual([one.session, other.session].toSorted());
    expect((await other.ask('GET', '/api/v1/sessions?user=me')).status).toBe(401);
    expect((await helpdesk.ask('GET', '/api/v1/sessions')).status).toBe(200);
  });

  test('nobody without a role lists people, not even themselves', async () => {
    const bob = await company.administer('bob');
    for (const query of ['', '?user=me']) {
      expect((await bob.ask('GET', `/api/v1/users${query}`)).body).toMatchObject({ code: 'role_missing' });
    }
  });

  test.each([
    ['DELETE', '/api/v1/users/alice/sessions', '`id`'],
    ['GET', '/api/v1/users?cursor=x', '`cursor`'],
    ['GET', '/api/v1/users?limit=1001', '`limit`'],
  ])('%s %s: the bad parameter is named', async (method, path, name) => {
    expect(await helpdesk.ask(method, path)).toMatchObject({
      status: 400,
      body: { code: 'params_invalid', detail: expect.stringContaining(name) as string },
    });
  });
});
