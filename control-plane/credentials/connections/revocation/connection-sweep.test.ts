import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Company } from '../../../admin/testing/company.js';
import { ActiveCatalog } from '../../../catalog/active-catalog.js';
import { RevocationService } from '../../../identity/revocation/revocation.service.js';
import { onEachEngine } from '../../../storage/testing/engines.js';
import { TestDatabase } from '../../../storage/testing/test-database.js';
import { StorageService } from '../../../storage/storage.service.js';
import { storedConnection } from '../testing/stored-connection.js';
import { ConnectionSweep } from './connection-sweep.js';
import { GRACE, UnservedConnections } from './outdated-connections.js';

const DAY = 86_400_000;
const ISSUER = 'https://login.crm.test';
const SERVERS = {
  crm: { url: 'https://crm.corp.test/mcp', credential: { kind: 'oauth', issuer: ISSUER } },
  wiki: { url: 'https://wiki.corp.test/mcp', credential: { kind: 'oauth' } },
  moved: { url: 'https://moved.corp.test/mcp', credential: { kind: 'oauth', issuer: 'https://other.test' } },
  plain: { url: 'https://plain.corp.test/mcp' },
};

onEachEngine((engine) => {
  let database: TestDatabase;
  let company: Company;
  let storage: StorageService;
  let sweep: ConnectionSweep;
  let alice: string;
  let bob: string;
  const store = (person: string, server: string, change = {}) => storedConnection(storage, { person, server, change });
  const left = async (): Promise<string[]> => {
    const rows = await storage.db.selectFrom('connections').select(['person_id', 'server']).orderBy('server').execute();
    return rows.map(({ person_id: person, server }) => `${person === alice ? 'alice' : 'bob'} ${server}`);
  };

  beforeAll(async () => {
    database = await TestDatabase.create(engine);
    company = await Company.start({ database: database.location, servers: SERVERS });
    storage = company.system.app.get(StorageService);
    sweep = company.system.app.get(ConnectionSweep, { strict: false });
    alice = (await company.bridge('alice')).person;
    bob = (await company.bridge('bob')).person;
  });
  beforeEach(async () => {
    for (const table of ['connections', 'connection_revocations'] as const)
      await storage.db.deleteFrom(table).execute();
  });
  afterAll(async () => {
    await company[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  test('who is disabled has no connection any more before whoever said so has an answer', async () => {
    await store(alice, 'crm');
    await store(alice, 'wiki');
    await store(bob, 'crm');
    const revocations = company.system.app.get(RevocationService);
    await revocations.endPeople([alice, bob], { path: 'shared-signals', heardAt: Date.now() });
    expect(await left()).toHaveLength(3);
    await revocations.disable(alice, 'ssf:corp', { path: 'shared-signals', heardAt: Date.now() });
    expect(await left()).toEqual(['bob crm']);
    const pending = await storage.db.selectFrom('connection_revocations').select('server').orderBy('server').execute();
    expect(pending.map(({ server }) => server)).toEqual(['crm', 'wiki']);
    await revocations.enable(alice, 'ssf:corp');
  });

  test('universal logout ends them all, a session that is ended none', async () => {
    await store(bob, 'crm');
    const revocations = company.system.app.get(RevocationService);
    await revocations.endSessions(await revocations.cutOff([bob]), { path: 'kill-switch', heardAt: Date.now() });
    expect(await left()).toEqual(['bob crm']);
    await revocations.endPeople([bob], { path: 'universal-logout', heardAt: Date.now() });
    expect(await left()).toEqual([]);
  });

  test('a disabled or unknown person’s connection that came about nevertheless is swept', async () => {
    await store('usr_gone', 'crm');
    await store(alice, 'crm');
    await storage.db
      .updateTable('persons')
      .set({ disabled_at: 1, disabled_by: 'scim:corp' })
      .where('id', '=', alice)
      .execute();
    await sweep.sweep();
    expect(await left()).toEqual([]);
    await storage.db
      .updateTable('persons')
      .set({ disabled_at: null, disabled_by: null })
      .where('id', '=', alice)
      .execute();
  });

  test('what nobody used for the days of the settings is ended', async () => {
    const now = Date.now();
    const old = { created_at: now - 200 * DAY };
    await store(alice, 'crm', { ...old, last_used_at: now - 90 * DAY });
    await store(bob, 'crm', { ...old, last_used_at: now - 89 * DAY });
    await sweep.sweep(now);
    expect(await left()).toEqual(['bob crm']);
  });

  test('a server that left, or has another credential or issuer, ends them an hour later, and not if it comes back', async () => {
    for (const server of ['crm', 'wiki', 'moved', 'plain', 'left']) await store(alice, server, { issuer: ISSUER });
    const { servers } = company.system.app.get(ActiveCatalog, { strict: false }).latest;
    // Of its own: the application's has its own first look.
    const unserved = new UnservedConnections();
    const now = Date.now();
    const ended = [];
    for (const later of [0, GRACE - 1, GRACE]) {
      ended.push((await unserved.look(storage.db, servers, now + later)).length);
    }
    expect(ended).toEqual([0, 0, 3]);
    await sweep.sweep();
    expect(await left()).toHaveLength(5);
    await sweep.sweep(Date.now() + GRACE);
    expect(await left()).toEqual(['alice crm', 'alice wiki']);
  });

  test('ways and requests that have expired are cleared away', async () => {
    // Far ahead, or the application's own sweep takes the new ones too.
    const now = 4_102_444_800_000;
    const sealed = Buffer.from('sealed');
    const asked = {
      person_id: alice,
      session_id: null,
      server: 'crm',
      state: 'open',
      sealed,
      created_at: 1,
      decided_at: null,
    };
    for (const [id, end] of [
      ['old', now - DAY],
      ['new', now - DAY + 1],
    ] as const) {
      await storage.db
        .insertInto('connection_requests')
        .values({ id, ...asked, expires_at: end })
        .execute();
    }
    const way = { person_id: alice, server: 'crm', request_id: null, sealed };
    for (const [id, end] of [
      ['old', now],
      ['new', now + 1],
    ] as const) {
      await storage.db
        .insertInto('connection_attempts')
        .values({ id, ...way, expires_at: end })
        .execute();
    }
    await sweep.sweep(now);
    for (const table of ['connection_requests', 'connection_attempts'] as const) {
      expect(await storage.db.selectFrom(table).select('id').execute()).toEqual([{ id: 'new' }]);
    }
  });
});
