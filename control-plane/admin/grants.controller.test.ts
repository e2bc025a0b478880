import { afterAll, beforeAll, expect, test } from 'vitest';
import { auditPageSchema } from '#shared/api/audit.js';
import {
  grantPageSchema,
  grantRequestPageSchema,
  grantRequestSchema,
  grantSchema,
  type ListedGrant,
  type ListedGrantRequest,
} from '#shared/api/grants.js';
import { LiveGrants } from '../policy/grants/live-grants.js';
import { StorageService } from '../storage/storage.service.js';
import { onEachEngine } from '../storage/testing/engines.js';
import { TestDatabase } from '../storage/testing/test-database.js';
import { Company, type SignedIn } from './testing/company.js';
import { denialOf } from './testing/denials.js';

const SETTINGS = {
  servers: { crm: { url: 'https://crm.corp.test/mcp' }, erp: { url: 'https://erp.corp.test/mcp' } },
  grants: { maxMinutes: 120, breakGlass: { groups: ['corp/oncall'], maxMinutes: 30 } },
};
const GRANTS = '/api/v1/grants';

onEachEngine((engine) => {
  let database: TestDatabase;
  let company: Company;
  let alice: SignedIn;
  let approver: SignedIn;
  let oncall: SignedIn;

  beforeAll(async () => {
    database = await TestDatabase.create(engine);
    company = await Company.start({ ...SETTINGS, database: database.location });
    company.system.idp.users.set('oncall', { email: 'oncall@corp.test', groups: ['oncall'], active: true });
    [alice, approver, oncall] = [
      await company.administer('alice'),
      await company.administer('approver'),
      await company.administer('oncall'),
    ];
  });
  afterAll(async () => {
    await company[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  /** As a call does: what may have changed is read before it is decided. */
  const use = async (person: string, name = 'add_customer', server = 'crm') => {
    const live = company.system.app.get(LiveGrants, { strict: false });
    await live.confirm();
    return live.grantFor(person, server, { kind: 'tool', name }, Date.now())?.kind;
  };
  const ask = async (by: SignedIn, target: string, more: object = {}): Promise<ListedGrantRequest> => {
    const reference = await denialOf(company, by.person, { target });
    const { body } = await by.ask('POST', `${GRANTS}/requests`, {}, { reference, reason: 'Ticket 4711', ...more });
    return grantRequestSchema.parse(body);
  };
  const give = (by: SignedIn, more: object = {}) =>
    by.ask('POST', GRANTS, {}, { person: alice.person, server: 'crm', minutes: 10, reason: 'Ticket 4711', ...more });
  const given = async (more: object = {}): Promise<ListedGrant> => grantSchema.parse((await give(approver, more)).body);
  const breakGlass = (by: SignedIn, more: object = {}) =>
    by.ask('POST', `${GRANTS}/break-glass`, {}, { server: 'crm', minutes: 30, reason: 'Outage', ...more });
  const refused = (status: number, code: string) => ({ status, body: { code } });

  test('a denial is asked about, given shorter than asked, used, ended, and all of it is on record', async () => {
    const request = await ask(alice, 'add_customer', { minutes: 60 });
    expect(request).toMatchObject({ state: 'open', server: 'crm', tool: 'add_customer', minutes: 60 });
    const answer = await approver.ask('POST', `${GRANTS}/requests/${request.id}/give`, {}, { minutes: 10 });
    const grant = grantSchema.parse(answer.body);
    expect(grant).toMatchObject({
      state: 'live',
      person: { email: 'alice@corp.test' },
      givenBy: { email: 'approver@corp.test' },
      tool: 'add_customer',
      reason: 'Ticket 4711',
    });
    expect(Date.parse(grant.expiresAt) - Date.parse(grant.createdAt)).toBe(600_000);
    expect(await Promise.all([use(alice.person), use(alice.person, 'drop'), use(approver.person)])).toEqual([
      'grant',
      undefined,
      undefined,
    ]);
    const own = grantPageSchema.parse((await alice.ask('GET', `${GRANTS}?user=me`)).body);
    expect(own.grants.map(({ id }) => id)).toEqual([grant.id]);
    expect(await alice.ask('DELETE', `${GRANTS}/${grant.id}`)).toMatchObject({ status: 200, body: { state: 'ended' } });
    expect(await use(alice.person)).toBe(undefined);
    const auditor = await company.administer('auditor');
    const { entries } = auditPageSchema.parse((await auditor.ask('GET', '/api/v1/audit?limit=20')).body);
    expect(
      entries
        .filter(({ type }) => type.startsWith('grant.'))
        .map(({ type, outcome, target, affected }) => [type, outcome, target, affected?.email]),
    ).toEqual(
      ['grant.end', 'grant.give', 'grant.request'].map((type) => [type, 'ok', 'add_customer', 'alice@corp.test']),
    );
  });

  test('nobody gives access to themselves, takes their own request for another’s, or signs in twice for it', async () => {
    const own = await ask(approver, 'own_request');
    const twice = await company.administer('approver');
    for (const by of [approver, twice]) {
      for (const path of ['give', 'refuse']) {
        const json = path === 'give' ? {} : { reason: 'No' };
        const answer = await by.ask('POST', `${GRANTS}/requests/${own.id}/${path}`, {}, json);
        expect(answer).toMatchObject(refused(403, 'policy_denied'));
      }
      for (const person of [approver.person, 'approver@corp.test', 'APPROVER@corp.test']) {
        expect(await give(by, { person })).toMatchObject(refused(403, 'policy_denied'));
      }
    }
    expect(await use(approver.person, 'own_request')).toBe(undefined);
  });

  test('a reference of somebody else, of no denial, or of another server is refused', async () => {
    const foreign = await denialOf(company, approver.person);
    const gone = await denialOf(company, alice.person, { server: 'CRM' });
    const forbidden = await denialOf(company, alice.person, { policies: ['no-wipe'] });
    for (const [reference, expected] of [
      [foreign, refused(404, 'not_found')],
      ['019ab1c2-0000-7000-8000-000000000000', refused(404, 'not_found')],
      ['x', refused(400, 'params_invalid')],
      [gone, refused(400, 'params_invalid')],
      [forbidden, refused(400, 'params_invalid')],
    ] as const) {
      const answer = await alice.ask('POST', `${GRANTS}/requests`, {}, { reference, reason: 'Please' });
      expect(answer).toMatchObject(expected);
    }
    const mine = await denialOf(company, alice.person);
    const forged = { reference: mine, reason: 'Please', server: 'erp' };
    expect(await alice.ask('POST', `${GRANTS}/requests`, {}, forged)).toMatchObject(refused(400, 'params_invalid'));
    for (const bad of [{ minutes: 121 }, { minutes: 0 }, { reason: 'two\nlines' }, { reason: '\u202eevil' }]) {
      const answer = await alice.ask('POST', `${GRANTS}/requests`, {}, { reference: mine, reason: 'Please', ...bad });
      expect(answer).toMatchObject(refused(400, 'params_invalid'));
    }
  });

  test('one open request for one target, also where two are sent at once; and not too many in all', async () => {
    const bob = await company.administer('bob');
    const reference = await denialOf(company, bob.person, { target: 'twice' });
    const send = (of: string) => bob.ask('POST', `${GRANTS}/requests`, {}, { reference: of, reason: 'Please' });
    const both = await Promise.all([send(reference), send(reference)]);
    expect(both.map(({ status }) => status).toSorted()).toEqual([200, 400]);
    for (let n = 1; n < 10; n += 1) await ask(bob, `tool-${n}`);
    const more = await denialOf(company, bob.person, { target: 'one-more' });
    expect(await send(more)).toMatchObject(refused(429, 'rate_limited'));
    const { requests } = grantRequestPageSchema.parse((await bob.ask('GET', `${GRANTS}/requests?user=me`)).body);
    expect(requests).toHaveLength(10);
    const [first, second] = [
      await approver.ask('GET', `${GRANTS}/requests?limit=3&user=${bob.person}`),
      await approver.ask('GET', `${GRANTS}/requests?user=${bob.person}`),
    ].map(({ body }) => grantRequestPageSchema.parse(body));
    const next = await approver.ask('GET', `${GRANTS}/requests?user=${bob.person}&cursor=${first!.nextCursor}`);
    expect([...first!.requests, ...grantRequestPageSchema.parse(next.body).requests]).toEqual(second!.requests);
  });

  test('a request is decided once, and an expired one never', async () => {
    const owner = await company.administer('owner');
    const request = await ask(alice, 'decided');
    const paths = ['give', 'refuse'].map((verb) => `${GRANTS}/requests/${request.id}/${verb}`);
    const both = await Promise.all([
      approver.ask('POST', paths[0]!, {}, {}),
      owner.ask('POST', paths[1]!, {}, { reason: 'No' }),
    ]);
    expect(both.map(({ status }) => status).toSorted()).toEqual([200, 400]);
    const late = await ask(alice, 'late');
    const { db } = company.system.app.get(StorageService, { strict: false });
    await db.updateTable('grant_requests').set({ expires_at: Date.now() }).where('id', '=', late.id).execute();
    const answer = await owner.ask('POST', `${GRANTS}/requests/${late.id}/refuse`, {}, { reason: 'No' });
    expect(answer).toMatchObject(refused(400, 'params_invalid'));
    const longer = await ask(alice, 'longer', { minutes: 10 });
    const path = `${GRANTS}/requests/${longer.id}/give`;
    expect(await approver.ask('POST', path, {}, { minutes: 11 })).toMatchObject(refused(400, 'params_invalid'));
  });

  test('only approvers and owners give, by the role of this moment, with a fresh sign-in', async () => {
    const request = await ask(alice, 'by-whom');
    for (const role of ['admin', 'author', 'auditor', 'helpdesk', 'bob']) {
      const by = await company.administer(role);
      const answer = await by.ask('POST', `${GRANTS}/requests/${request.id}/give`, {}, {});
      expect([role, answer]).toMatchObject([role, refused(403, 'role_missing')]);
      expect([role, await give(by)]).toMatchObject([role, refused(403, 'role_missing')]);
    }
    company.hire('approver', Math.floor(Date.now() / 1000) - 700);
    const stale = await company.administer('approver', { fresh: false });
    company.hire('approver');
    expect(await give(stale)).toMatchObject(refused(401, 'sign_in_stale'));
    expect(await use(alice.person, 'by-whom')).toBe(undefined);
  });

  test('names of servers, tools and people are compared as they are', async () => {
    expect(await give(approver, { server: 'CRM' })).toMatchObject(refused(400, 'params_invalid'));
    expect(await give(approver, { server: 'constructor' })).toMatchObject(refused(400, 'params_invalid'));
    expect(await give(approver, { tool: '' })).toMatchObject(refused(400, 'params_invalid'));
    expect(await give(approver, { minutes: 121 })).toMatchObject(refused(400, 'params_invalid'));
    for (const person of ['alice', 'ali', 'lice@corp.test', '@corp.test', 'usr_none']) {
      expect([person, await give(approver, { person })]).toMatchObject([person, refused(404, 'not_found')]);
    }
    const grant = await given({ person: 'Alice@corp.test', tool: 'Add_Customer' });
    expect([await use(alice.person), await use(alice.person, 'Add_Customer')]).toEqual([undefined, 'grant']);
    expect(await alice.ask('GET', `${GRANTS}/${grant.id}`)).toMatchObject({ status: 200 });
    const bob = await company.administer('bob');
    for (const method of ['GET', 'DELETE']) {
      expect(await bob.ask(method, `${GRANTS}/${grant.id}`)).toMatchObject(refused(404, 'not_found'));
    }
    expect(await bob.ask('GET', GRANTS)).toMatchObject(refused(403, 'role_missing'));
    await approver.ask('DELETE', `${GRANTS}/${grant.id}`);
  });

  test('break-glass is for its groups, short, alarmed, and reviewed by somebody else', async () => {
    const live = company.system.app.get(LiveGrants, { strict: false });
    for (const by of [alice, approver, await company.administer('owner')]) {
      expect(await breakGlass(by)).toMatchObject(refused(403, 'role_missing'));
    }
    expect(await breakGlass(oncall, { minutes: 31 })).toMatchObject(refused(400, 'params_invalid'));
    const taken = grantSchema.parse((await breakGlass(oncall)).body);
    expect(taken).toMatchObject({ kind: 'break-glass', state: 'live', reviewedAt: null });
    expect(await use(oncall.person)).toBe('break-glass');
    expect(live.notes.join()).toContain(`${taken.id} to crm was taken`);
    const review = (by: SignedIn) => by.ask('POST', `${GRANTS}/${taken.id}/review`, {}, { note: 'All needed' });
    expect(await review(oncall)).toMatchObject(refused(403, 'role_missing'));
    company.system.idp.users.set('oncall', { email: 'oncall@corp.test', groups: ['oncall', 'approver'], active: true });
    expect(await review(await company.administer('oncall'))).toMatchObject(refused(403, 'policy_denied'));
    const auditor = await company.administer('auditor');
    expect(await review(auditor)).toMatchObject({ status: 200, body: { reviewedBy: auditor.person } });
    expect(await review(auditor)).toMatchObject(refused(400, 'params_invalid'));
    await expect.poll(() => live.notes).toEqual([]);
  });

  test('whoever is put out loses what they were given, and a disabled account gets nothing', async () => {
    const owner = await company.administer('owner');
    const grant = await given();
    expect(await use(alice.person)).toBe('grant');
    await owner.ask('DELETE', `/api/v1/users/${alice.person}/sessions`);
    await expect.poll(() => use(alice.person)).toBe(undefined);
    alice = await company.administer('alice');
    expect(await use(alice.person)).toBe(undefined);
    await approver.ask('DELETE', `${GRANTS}/${grant.id}`);
    const { db } = company.system.app.get(StorageService, { strict: false });
    await db.updateTable('persons').set({ disabled_at: 1 }).where('id', '=', alice.person).execute();
    expect(await give(approver)).toMatchObject(refused(403, 'account_disabled'));
    await db.updateTable('persons').set({ disabled_at: null }).where('id', '=', alice.person).execute();
  });

  test('what can’t be put on record does not happen', async () => {
    await database.breakWrites('insert', 'audit_records');
    const answers = [await give(approver), await breakGlass(oncall)];
    await database.mendWrites('audit_records');
    for (const answer of answers) expect(answer).toMatchObject(refused(503, 'audit_unavailable'));
    expect([await use(alice.person), await use(oncall.person, 'x', 'erp')]).toEqual([undefined, undefined]);
  });
});
