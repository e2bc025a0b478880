import { afterAll, beforeAll, expect, test } from 'vitest';
import { exportListSchema } from '#shared/api/exports.js';
import { AuditService } from '../audit/audit.service.js';
import { exportPosition, markFailing } from '../audit/export/export-positions.js';
import { putCheckpoint } from '../audit/checkpoints/waiting-checkpoints.js';
import { StorageService } from '../storage/storage.service.js';
import { Company } from './testing/company.js';

const SINCE = Date.UTC(2026, 0, 15, 12);
const HEC = { kind: 'splunk-hec', url: 'https://splunk.corp.test:8088', token: 'env:HEC', index: 'audit' };
const HOOK = { kind: 'webhook', url: 'https://hooks.corp.test/T0KEN-IN-A-PATH', secret: 'env:HOOK' };

let company: Company;

beforeAll(async () => {
  const audit = { export: { splunk: HEC, soc: HOOK }, checkpoints: { to: { notary: HOOK } } };
  company = await Company.start(
    { audit },
    { HEC: 'hec-t0ken', HOOK: `whsec_${Buffer.alloc(32, 3).toString('base64')}` },
  );
  const { db } = company.system.app.get(StorageService);
  await exportPosition(db, 'splunk', SINCE);
  await markFailing(db, 'splunk', 'it answered with status 503', SINCE);
  await putCheckpoint(db, 'notary', { size: 3, note: 'n', made_at: SINCE });
});
afterAll(() => company[Symbol.asyncDispose]());

test.each(['owner', 'admin', 'auditor'])(
  '%s sees how far what leaves the box is, without a secret or an address',
  async (name) => {
    const by = await company.administer(name);
    const { body } = await by.ask('GET', '/api/v1/exports');
    const { exports, checkpoints } = exportListSchema.parse(body);
    expect(exports).toMatchObject([
      {
        name: 'splunk',
        kind: 'splunk-hec',
        next: 0,
        failingSince: '2026-01-15T12:00:00.000Z',
        failure: 'it answered with status 503',
      },
      { name: 'soc', kind: 'webhook', next: 0, failingSince: null, failure: null },
    ]);
    expect(exports.every(({ waiting }) => waiting > 0)).toBe(true);
    expect(checkpoints).toMatchObject([{ name: 'notary', kind: 'webhook', size: null, waiting: 1 }]);
    // Both stand since then, by the clock of the control plane.
    const age = (Date.now() - SINCE) / 1000;
    for (const { lagSeconds } of [exports[0]!, checkpoints[0]!]) {
      expect(lagSeconds).toBeGreaterThan(0);
      expect(lagSeconds).toBeLessThanOrEqual(age);
    }
    for (const secret of ['corp.test', 'T0KEN', 't0ken', 'env:', 'whsec_']) {
      expect(JSON.stringify(body)).not.toContain(secret);
    }
  },
);

test('a look is no record, or it would be one that waits', async () => {
  const by = await company.administer('admin');
  expect((await by.ask('GET', '/api/v1/exports')).status).toBe(200);
  const { entries } = await company.system.app
    .get(AuditService)
    .search({ type: 'audit.read', limit: 1 }, { payloads: false });
  expect(entries).toEqual([]);
});

test('a query is refused: none is read', async () => {
  const by = await company.administer('admin');
  expect(await by.ask('GET', '/api/v1/exports?name=splunk')).toMatchObject({
    status: 400,
    body: { code: 'params_invalid' },
  });
});

test.each(['alice', 'helpdesk', 'author', 'approver'])('%s does not', async (name) => {
  const by = await company.administer(name);
  expect(await by.ask('GET', '/api/v1/exports')).toMatchObject({ status: 403, body: { code: 'role_missing' } });
});

test('a token without the scope of the audit does not open it', async () => {
  const by = await company.administer('admin', { scope: 'openid servers:read' });
  expect(await by.ask('GET', '/api/v1/exports')).toMatchObject({ status: 403, body: { code: 'scope_insufficient' } });
});
