import { afterAll, beforeAll, expect, test } from 'vitest';
import { auditLogSchema, auditPageSchema } from '#shared/api/audit.js';
import { userPageSchema } from '#shared/api/users.js';
import { ErasureClaims } from '#shared/audit-log/erasure-claims.js';
import { parseHeader } from '#shared/audit-log/record-header.js';
import { verifyLog } from '#shared/audit-log/verify-log.js';
import { AuditService } from '../../audit/audit.service.js';
import { onEachEngine } from '../../storage/testing/engines.js';
import { TestDatabase } from '../../storage/testing/test-database.js';
import { StorageService } from '../../storage/storage.service.js';
import { Company, type SignedIn } from '../testing/company.js';

const erase = (by: SignedIn, id: string, confirm = id) =>
  by.ask('POST', `/api/v1/users/${id}/erasure`, {}, { confirm });

onEachEngine((engine) => {
  let database: TestDatabase;
  let company: Company;
  let owner: SignedIn;
  let auditor: SignedIn;

  beforeAll(async () => {
    database = await TestDatabase.create(engine);
    company = await Company.start({ database: database.location });
    owner = await company.administer('owner');
    auditor = await company.administer('auditor');
  });
  afterAll(async () => {
    await company[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  const entries = async (query: string) =>
    auditPageSchema.parse((await auditor.ask('GET', `/api/v1/audit?${query}`)).body).entries;

  const rowsWith = async (text: string): Promise<string[]> => {
    const { db } = company.system.app.get(StorageService);
    const found: string[] = [];
    for (const table of ['persons', 'sessions', 'audit_index', 'connections', 'grants', 'oidc_payloads'] as const) {
      const rows = await db.selectFrom(table).selectAll().execute();
      if (rows.some((row) => JSON.stringify(row).includes(text))) found.push(table);
    }
    return found;
  };

  test('an erased person is out, and nothing is left of them but ids; a later sign-in is somebody new', async () => {
    const alice = await company.bridge('alice');
    const self = await company.administer('alice');
    expect(await rowsWith('alice')).toEqual(['persons', 'sessions']);
    expect(await erase(owner, alice.person)).toEqual({
      status: 200,
      body: { id: alice.person, sessions: 2, connections: 0 },
      challenge: '',
    });
    expect((await self.ask('GET', '/api/v1/sessions?user=me')).status).toBe(401);
    expect(await rowsWith('alice')).toEqual([]);
    expect(await rowsWith(alice.session)).toEqual(['audit_index']);
    const { body } = await owner.ask('GET', '/api/v1/users');
    expect(userPageSchema.parse(body).users.map(({ id }) => id)).not.toContain(alice.person);

    const signIns = (await entries('type=auth.sign-in')).filter(({ person }) => person?.id === alice.person);
    expect(signIns).toMatchObject([
      { payload: 'erased', person: { email: null, name: null }, address: null, detail: null },
      { payload: 'erased', person: { email: null, name: null }, address: null, detail: null },
    ]);
    const again = await company.administer('alice');
    expect(again.person).not.toBe(alice.person);
    const mine = await again.ask('GET', '/api/v1/audit?user=me');
    const own = auditPageSchema.parse(mine.body).entries;
    expect(own.map(({ person, payload }) => [person, payload])).toEqual(
      own.map(() => [{ id: again.person, email: 'alice@corp.test', name: 'alice' }, 'shown']),
    );
  });

  test('an erasure is on record by ids, and the log verifies with it', async () => {
    const bob = await company.bridge('bob');
    await erase(owner, bob.person);
    expect(await entries('type=person.erase&limit=1')).toMatchObject([
      {
        person: { id: owner.person },
        affected: { id: bob.person, email: null, name: null },
        decision: 'allow',
        outcome: 'ok',
        payload: 'shown',
      },
    ]);
    const log = auditLogSchema.parse((await auditor.ask('GET', '/api/v1/audit/log?payloads=shown')).body);
    const { headers, payloads, checkpoint, verifierKey } = log;
    expect(verifyLog(headers, checkpoint, verifierKey)).toMatchObject({ size: headers.length });
    const claims = new ErasureClaims();
    for (const [index, header] of headers.entries()) claims.add(index, parseHeader(header)!, payloads[index]!);
    expect(payloads.some(({ state }) => state === 'erased')).toBe(true);
    expect(payloads.some(({ state }) => state === 'damaged')).toBe(false);
    expect(claims.finish()).toBeUndefined();
  });

  test('what is said of them later is sealed for nobody', async () => {
    const helpdesk = await company.administer('helpdesk');
    await erase(owner, helpdesk.person);
    const audit = company.system.app.get(AuditService);
    const { id } = await audit.write({
      type: 'tool.call',
      phase: 'event',
      facts: { person: helpdesk.person },
      subject: helpdesk.person,
      personal: { email: 'helpdesk@corp.test', claimedClient: { name: 'Named after Helpdesk', version: '1' } },
    });
    expect(await entries(`id=${id}`)).toMatchObject([{ payload: 'erased', person: { email: null } }]);
    expect(await rowsWith('named after')).toEqual([]);
  });

  test('only an owner erases, who names the person twice, and never themselves or somebody who is gone', async () => {
    const admin = await company.administer('admin');
    const approver = await company.administer('approver');
    expect(await erase(admin, approver.person)).toMatchObject({ status: 403, body: { code: 'role_missing' } });
    expect(await erase(auditor, approver.person)).toMatchObject({ status: 403, body: { code: 'role_missing' } });
    expect(await erase(owner, owner.person)).toMatchObject({ status: 400, body: { code: 'params_invalid' } });
    expect(await erase(owner, `usr_${'0'.repeat(32)}`)).toMatchObject({ status: 404, body: { code: 'not_found' } });
    for (const confirm of ['', admin.person, 'approver@corp.test']) {
      expect(await erase(owner, approver.person, confirm)).toMatchObject({
        status: 400,
        body: { code: 'params_invalid' },
      });
    }
    expect(await rowsWith('approver@corp.test')).toContain('persons');
    expect((await erase(owner, approver.person)).status).toBe(200);
    expect(await erase(owner, approver.person)).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });
});
