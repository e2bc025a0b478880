import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { auditPageSchema } from '#shared/api/audit.js';
import { holdPageSchema, holdSchema, type ListedHold } from '#shared/api/holds.js';
import { AuditService } from '../../audit/audit.service.js';
import { releaseHold } from '../../audit/legal-holds/hold-rows.js';
import { onEachEngine } from '../../storage/testing/engines.js';
import { TestDatabase } from '../../storage/testing/test-database.js';
import { StorageService } from '../../storage/storage.service.js';
import { Company, type SignedIn } from '../testing/company.js';

const post = (by: SignedIn, body: object) => by.ask('POST', '/api/v1/holds', {}, body);
const release = (by: SignedIn, id: string, reason = 'Settled') =>
  by.ask('POST', `/api/v1/holds/${id}/release`, {}, { reason });
const list = async (by: SignedIn, query = '') =>
  holdPageSchema.parse((await by.ask('GET', `/api/v1/holds${query}`)).body);

onEachEngine((engine) => {
  let database: TestDatabase;
  let company: Company;
  let owner: SignedIn;
  let auditor: SignedIn;
  let helpdesk: SignedIn;

  beforeAll(async () => {
    database = await TestDatabase.create(engine);
    company = await Company.start({
      database: database.location,
      servers: { crm: { url: 'https://crm.corp.test/mcp' } },
    });
    owner = await company.administer('owner');
    auditor = await company.administer('auditor');
    helpdesk = await company.administer('helpdesk');
  });
  afterAll(async () => {
    await company[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    const storage = company.system.app.get(StorageService);
    const done = { by: 'usr_test', at: 1, reason: 'the next test begins' };
    for (const { id } of await storage.db.selectFrom('legal_holds').select('id').execute()) {
      await releaseHold(storage.db, storage, id, done);
    }
  });

  const erase = (id: string) => owner.ask('POST', `/api/v1/users/${id}/erasure`, {}, { confirm: id });
  const create = async (body: object): Promise<ListedHold> => holdSchema.parse((await post(owner, body)).body);
  const entries = async (query: string) =>
    auditPageSchema.parse((await auditor.ask('GET', `/api/v1/audit?${query}`)).body).entries;

  /** Somebody new with a call at the CRM on record; their id. */
  async function caller(name: string): Promise<string> {
    const { person } = await company.bridge(name);
    await company.system.app.get(AuditService).write({
      type: 'tool.call',
      phase: 'event',
      subject: person,
      facts: { person, server: 'crm', target: 'list_customers', decision: 'allow' },
      personal: {},
    });
    return person;
  }

  test('a hold is made by an owner, listed for owner and auditor, released once, and stays on the list', async () => {
    const made = await create({
      name: 'Case 1',
      person: 'helpdesk@corp.test',
      server: 'crm',
      from: '2026-01-01T00:00:00+01:00',
    });
    expect(made).toMatchObject({
      name: 'Case 1',
      person: { id: helpdesk.person, email: 'helpdesk@corp.test' },
      server: 'crm',
      from: '2025-12-31T23:00:00.000Z',
      to: null,
      createdBy: { id: owner.person, email: 'owner@corp.test' },
      state: 'active',
      releasedBy: null,
      releasedAt: null,
      releaseReason: null,
    });
    for (const by of [owner, auditor]) expect((await list(by)).holds).toEqual([made]);
    const answer = await release(owner, made.id, 'The case is closed');
    const released = holdSchema.parse(answer.body);
    expect(released).toMatchObject({
      ...made,
      state: 'released',
      releasedBy: { id: owner.person },
      releasedAt: expect.stringMatching(/Z$/),
      releaseReason: 'The case is closed',
    });
    expect((await list(auditor)).holds).toEqual([]);
    expect((await list(auditor, '?state=all')).holds[0]).toEqual(released);
    expect(await release(owner, made.id)).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect(await release(owner, `hld_${'0'.repeat(32)}`)).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  test('a list goes on where its page ended', async () => {
    const made: string[] = [];
    for (const name of ['one', 'two', 'three']) made.unshift((await create({ name, server: 'crm' })).id);
    const first = await list(auditor, '?limit=2');
    const second = await list(auditor, `?limit=2&cursor=${first.nextCursor ?? ''}`);
    expect([...first.holds, ...second.holds].map(({ id }) => id).toSorted()).toEqual(made.toSorted());
    expect(second.nextCursor).toBeNull();
  });

  test.each<[string, object, string]>([
    ['nothing to hold', { name: 'x' }, 'params_invalid'],
    ['everything and more', { name: 'x', everything: true, server: 'crm' }, 'params_invalid'],
    ['everything, but not really', { name: 'x', everything: false }, 'params_invalid'],
    ['no name', { name: ' ', everything: true }, 'params_invalid'],
    ['a name of two lines', { name: 'x\ny', everything: true }, 'params_invalid'],
    ['an empty time', { name: 'x', from: '2026-06-01T00:00:00Z', to: '2026-06-01T00:00:00Z' }, 'params_invalid'],
    ['a time without its zone', { name: 'x', from: '2026-06-01T00:00:00' }, 'params_invalid'],
    ['a misspelt key', { name: 'x', users: 'alice', everything: true }, 'params_invalid'],
    ['a server that never was', { name: 'x', server: 'cmr' }, 'server_unknown'],
    ['a server called like a member of every object', { name: 'x', server: 'constructor' }, 'server_unknown'],
    ['nobody we know', { name: 'x', person: 'nobody@corp.test' }, 'not_found'],
  ])('%s makes no hold', async (_, body, code) => {
    expect((await post(owner, body)).body).toMatchObject({ code });
    expect((await list(auditor)).holds).toEqual([]);
  });

  test('a server that is gone can be held by what is on record of it', async () => {
    await company.system.app.get(AuditService).write({
      type: 'tool.call',
      phase: 'event',
      subject: 'system',
      facts: { server: 'sold-company' },
      personal: {},
    });
    expect(await create({ name: 'Case 2', server: 'sold-company' })).toMatchObject({ server: 'sold-company' });
  });

  test('only an owner makes and releases one: no other role, and no older sign-in', async () => {
    const { id } = await create({ name: 'Case 3', everything: true });
    for (const by of [auditor, helpdesk, await company.administer('admin')]) {
      expect(await post(by, { name: 'x', everything: true })).toMatchObject({
        status: 403,
        body: { code: 'role_missing' },
      });
      expect(await release(by, id)).toMatchObject({ status: 403, body: { code: 'role_missing' } });
    }
    expect((await helpdesk.ask('GET', '/api/v1/holds')).status).toBe(403);
    expect((await list(owner)).holds.map(({ state }) => state)).toEqual(['active']);
  });

  test('nobody under a hold by person, server, time or everything is erased, and nothing of theirs ends', async () => {
    const alice = await caller('alice');
    const { db } = company.system.app.get(StorageService);
    const scopes = {
      person: { person: alice },
      server: { server: 'crm' },
      time: { from: '2026-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z' },
      everything: { everything: true },
    };
    for (const [by, scope] of Object.entries(scopes)) {
      const hold = await create({ name: `Case by ${by}`, ...scope });
      const refused = await erase(alice);
      expect([by, refused]).toMatchObject([by, { status: 409, body: { code: 'legal_hold' } }]);
      expect(JSON.stringify(refused.body)).toContain(`${hold.id} (Case by ${by})`);
      expect(await entries('type=person.erase&limit=1')).toMatchObject([
        { affected: { id: alice }, decision: 'deny', person: { id: owner.person } },
      ]);
      await release(owner, hold.id);
    }
    expect((await entries(`user=${alice}&server=crm`))[0]).toMatchObject({ payload: 'shown' });
    const live = db.selectFrom('sessions').select('id').where('person_id', '=', alice).where('ended_at', 'is', null);
    expect(await live.execute()).toHaveLength(1);
    expect(await erase(alice)).toMatchObject({ status: 200 });
  });

  test('holds are on record: who made and released them, why, and what they cover', async () => {
    const { id } = await create({ name: 'Case 5', person: helpdesk.person, server: 'crm', to: '2026-07-01T00:00:00Z' });
    await release(owner, id, 'Dismissed');
    const both = { person: { id: owner.person }, affected: { id: helpdesk.person }, target: id, server: null };
    expect(await entries('type=hold.create&limit=1')).toMatchObject([
      {
        ...both,
        decision: 'allow',
        outcome: 'ok',
        reason: 'Case 5',
        detail: `person ${helpdesk.person}, server crm, to 2026-07-01T00:00:00.000Z`,
      },
    ]);
    expect(await entries('type=hold.release&limit=1')).toMatchObject([
      { ...both, decision: 'allow', outcome: 'ok', reason: 'Dismissed' },
    ]);
  });

  test('without its record no hold is made or released', async () => {
    const { id } = await create({ name: 'Case 6', server: 'crm' });
    await database.breakWrites('insert', 'audit_records');
    try {
      expect(await post(owner, { name: 'x', everything: true })).toMatchObject({
        status: 503,
        body: { code: 'audit_unavailable' },
      });
      expect(await release(owner, id)).toMatchObject({ status: 503, body: { code: 'audit_unavailable' } });
    } finally {
      await database.mendWrites('audit_records');
    }
    const { db } = company.system.app.get(StorageService);
    const rows = await db.selectFrom('legal_holds').select('id').where('released_at', 'is', null).execute();
    expect(rows).toEqual([{ id }]);
  });
});
