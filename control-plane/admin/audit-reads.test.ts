import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SCOPES } from '#shared/api/paths.js';
import { AuditService } from '../audit/audit.service.js';
import { intent } from '../audit/testing/records.js';
import { StorageService } from '../storage/storage.service.js';
import { ADMIN_CONTROLLERS } from './openapi/openapi.controller.js';
import { operationsOf } from './openapi/operations.js';
import { Company, type SignedIn } from './testing/company.js';

let company: Company;
let auditor: SignedIn;
let alice: SignedIn;
let bob: SignedIn;
/** Of a call of bob's. */
let call: string;

beforeAll(async () => {
  company = await Company.start({ servers: { crm: { url: 'https://crm.corp.test/mcp' } } });
  [auditor, alice] = [await company.administer('auditor'), await company.administer('alice')];
  bob = await company.administer('bob');
  const { app } = company.system;
  call = (await app.get(AuditService).write(intent({ person: bob.person, server: 'crm', session: bob.session }))).id;
});
afterAll(() => company[Symbol.asyncDispose]());

/** Everyone reads of themselves, so nobody is refused this one. */
const OWN_ACTIVITY = '/api/v1/me/activity?since=2026-11-01T00:00:00Z';

/** What is asked of each route, so that it answers. */
function asked(): Readonly<Record<string, string>> {
  return {
    '/api/v1/audit': '/api/v1/audit?user=bob',
    '/api/v1/audit/log': '/api/v1/audit/log',
    '/api/v1/audit/{id}': `/api/v1/audit/${call}`,
    '/api/v1/audit/checkpoint': '/api/v1/audit/checkpoint',
    '/api/v1/audit/consistency': '/api/v1/audit/consistency?from=1&to=2',
    '/api/v1/audit/{id}/receipt': `/api/v1/audit/${call}/receipt`,
    '/api/v1/audit/sessions/{id}': `/api/v1/audit/sessions/${bob.session}`,
    '/api/v1/audit/reports/access': '/api/v1/audit/reports/access',
    '/api/v1/audit/reports/exposure': '/api/v1/audit/reports/exposure',
    '/api/v1/audit/reports/comparison': '/api/v1/audit/reports/comparison?left=a&right=b',
    '/api/v1/audit/reports/denials': '/api/v1/audit/reports/denials',
    '/api/v1/audit/reports/unused-grants': '/api/v1/audit/reports/unused-grants',
    '/api/v1/audit/reports/review': '/api/v1/audit/reports/review?server=crm',
    '/api/v1/me/activity': OWN_ACTIVITY,
  };
}

/** Who reads what, as the log has it, oldest first. */
async function onRecord(type: string): Promise<string[]> {
  const { db } = company.system.app.get(StorageService);
  const rows = await db.selectFrom('audit_records').select('header').orderBy('idx').execute();
  const headers = rows.map(({ header }) => JSON.parse(header) as { type: string; facts: Record<string, string> });
  return headers
    .filter((header) => header.type === type)
    .map(({ facts }) => `${facts['person']} ${facts['target'] ?? ''}`);
}

test('each route that reads the audit is asked here, but for how far the exports are', () => {
  const readers = operationsOf(ADMIN_CONTROLLERS).filter(({ access }) => access.scope === SCOPES.auditRead);
  const routes = readers.map(({ method, route }) => `${method} ${route}`);
  // That one tells nothing of a record, and a record of it would be one that waits.
  const beside = ['GET /api/v1/exports'];
  const here = Object.keys(asked()).map((route) => `GET ${route}`);
  expect(routes.toSorted()).toEqual([...here, ...beside].toSorted());
});

test('pitfall 31, reads of the audit: none is answered without a record of who reads', async () => {
  for (const path of Object.values(asked())) {
    const before = await onRecord('audit.read');
    const { status } = await auditor.ask('GET', path);
    expect([path, status, (await onRecord('audit.read')).slice(before.length)]).toEqual([
      path,
      200,
      [`${auditor.person} `],
    ]);
  }
});

test('pitfall 31, reads of the audit: whoever is refused one is on record too', async () => {
  for (const path of Object.values(asked()).filter((each) => each !== OWN_ACTIVITY)) {
    const before = [await onRecord('audit.read'), await onRecord('admin.refused')].flat();
    const { status } = await alice.ask('GET', path);
    const after = [await onRecord('audit.read'), await onRecord('admin.refused')].flat();
    const more = after.filter((line) => line.startsWith(alice.person)).length;
    const less = before.filter((line) => line.startsWith(alice.person)).length;
    expect([path, status === 200, more - less]).toEqual([path, false, 1]);
  }
});

test('pitfall 31, reads of the audit: none is answered that cannot be put on record', async () => {
  const { db } = company.system.app.get(StorageService);
  await sql`create trigger broken before insert on audit_records begin select raise(abort, 'disk full'); end`.execute(
    db,
  );
  for (const path of Object.values(asked())) {
    expect([path, (await auditor.ask('GET', path)).status]).toEqual([path, 503]);
  }
});
