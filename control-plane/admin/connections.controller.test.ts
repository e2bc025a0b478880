import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectionPageSchema, connectionSchema } from '#shared/api/connections.js';
import { AuditService } from '../audit/audit.service.js';
import { storedConnection } from '../credentials/connections/testing/stored-connection.js';
import { onEachEngine } from '../storage/testing/engines.js';
import { TestDatabase } from '../storage/testing/test-database.js';
import { StorageService } from '../storage/storage.service.js';
import { Company, type SignedIn } from './testing/company.js';

const PATH = '/api/v1/connections';
const NOTHING = {
  status: 404,
  body: { status: 404, code: 'not_found', detail: 'There is no such connection. List them to see their ids.' },
  challenge: '',
};
const SERVERS = {
  crm: { title: 'Customers', url: 'https://crm.corp.test/mcp', credential: { kind: 'oauth' } },
  wiki: { url: 'https://wiki.corp.test/mcp', credential: { kind: 'oauth' } },
  plain: { url: 'https://plain.corp.test/mcp' },
};

onEachEngine((engine) => {
  let database: TestDatabase;
  let company: Company;
  let alice: SignedIn;
  let bob: SignedIn;
  let helpdesk: SignedIn;
  let ofAlice: string;
  const store = (person: string, server: string, change = {}) =>
    storedConnection(company.system.app.get(StorageService), { person, server, change });
  const list = async (by: SignedIn, query = '') =>
    connectionPageSchema.parse((await by.ask('GET', `${PATH}${query}`)).body);
  const records = async (type: string) =>
    (await company.system.app.get(AuditService).search({ limit: 50, type }, { payloads: true })).entries;

  beforeAll(async () => {
    database = await TestDatabase.create(engine);
    company = await Company.start({ database: database.location, servers: SERVERS });
    alice = await company.administer('alice');
    bob = await company.administer('bob');
    helpdesk = await company.administer('helpdesk');
    // Far ahead, or the application's own sweep ends it as unused.
    ofAlice = await store(alice.person, 'crm', { created_at: 1_700_000_000_000, last_used_at: 4_102_444_860_000 });
    await store(alice.person, 'wiki', { state: 'refused', refused_at: 1_700_000_120_000, scopes: '[]' });
    await store(bob.person, 'crm');
  });
  afterAll(async () => {
    await company[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  test('everyone sees their own and where they could connect, without a record of it', async () => {
    const page = await list(alice, '?user=me&server=crm');
    expect(page).toEqual({
      connections: [
        {
          id: ofAlice,
          person: { id: alice.person, email: 'alice@corp.test', name: 'alice' },
          server: 'crm',
          issuer: 'https://login.crm.test',
          scopes: ['crm:read'],
          state: 'active',
          connectedAt: '2023-11-14T22:13:20.000Z',
          lastUsedAt: '2100-01-01T00:01:00.000Z',
          refusedAt: null,
        },
      ],
      nextCursor: null,
      connectable: [
        { server: 'crm', title: 'Customers' },
        { server: 'wiki', title: 'wiki' },
      ],
    });
    expect(await records('connection.read')).toEqual([]);
  });

  test.each(['bob', 'author', 'approver', 'auditor'])('%s sees nobody else’s, however they ask', async (name) => {
    const someone = await company.administer(name);
    for (const query of ['', '?user=alice', `?user=${alice.person}`, '?server=crm', '?user=alice%40corp.test']) {
      expect(await someone.ask('GET', PATH + query)).toMatchObject({ status: 403, body: { code: 'role_missing' } });
    }
    const own = await list(someone, '?user=me');
    expect(own.connections.every(({ person }) => person.id === someone.person)).toBe(true);
  });

  test.each(['helpdesk', 'admin', 'owner'])(
    '%s sees that they exist, by person and server, on record',
    async (role) => {
      const someone = await company.administer(role);
      const { connections, connectable } = await list(someone, '?user=alice');
      expect(connections.map(({ server, state, refusedAt }) => [server, state, refusedAt])).toEqual([
        ['wiki', 'refused', '2023-11-14T22:15:20.000Z'],
        ['crm', 'active', null],
      ]);
      expect(connectable).toEqual([]);
      const people = (await list(someone, '?server=crm')).connections.map(({ person }) => person.id);
      expect(people).toEqual([bob.person, alice.person]);
      const read = (await records('connection.read')).find(({ person }) => person?.id === someone.person);
      expect(read).toMatchObject({ session: someone.session, address: '127.0.0.1' });
    },
  );

  test('pages follow one another without gap or repetition', async () => {
    const all = (await list(helpdesk)).connections.map(({ id }) => id);
    const paged: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page = await list(helpdesk, `?limit=1${cursor && `&cursor=${cursor}`}`);
      paged.push(...page.connections.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    expect(paged).toEqual(all);
  });

  test.each([
    ['GET', `${PATH}?limit=0`],
    ['GET', `${PATH}?cursor=zzz`],
    ['GET', `${PATH}?server=CRM`],
    ['GET', `${PATH}?sealed=1`],
    ['DELETE', `${PATH}/con_1?force=1`],
    ['DELETE', `${PATH}/ses_1`],
  ])('%s %s is refused', async (method, path) => {
    expect(await helpdesk.ask(method, path)).toMatchObject({ status: 400, body: { code: 'params_invalid' } });
  });

  test.each(['bob', 'helpdesk', 'auditor', 'approver', 'author'])(
    '%s ends nobody else’s, and learns nothing of it',
    async (name) => {
      const someone = await company.administer(name);
      for (const id of [ofAlice, 'con_never']) expect(await someone.ask('DELETE', `${PATH}/${id}`)).toEqual(NOTHING);
      expect((await list(alice, '?user=me&server=crm')).connections).toHaveLength(1);
    },
  );

  test('an admin ends another’s, the person their own: gone at once, on record with who did it', async () => {
    const id = await store(alice.person, 'plain');
    const admin = await company.administer('admin');
    const { status, body } = await admin.ask('DELETE', `${PATH}/${id}`);
    expect([status, connectionSchema.parse(body).id]).toEqual([200, id]);
    expect(await admin.ask('DELETE', `${PATH}/${id}`)).toEqual(NOTHING);
    const own = await store(alice.person, 'plain');
    expect((await alice.ask('DELETE', `${PATH}/${own}`)).status).toBe(200);
    expect(
      (await records('connection.end')).map((one) => [one.person?.id, one.affected?.id, one.server, one.reason]),
    ).toEqual([
      [alice.person, null, 'plain', 'revoked by the person'].map((value) => value ?? alice.person),
      [admin.person, alice.person, 'plain', 'revoked by an administrator'],
    ]);
  });

  test('no answer holds anything of what opens it', async () => {
    const text = JSON.stringify([await list(helpdesk), await list(alice, '?user=me')]);
    for (const key of ['sealed', 'token', 'generation', 'client', 'resource']) expect(text).not.toContain(`"${key}`);
  });
});
