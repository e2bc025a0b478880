import { afterAll, beforeAll, expect, test } from 'vitest';
import { revisionSchema } from '#shared/api/catalog.js';
import { PATHS } from '#shared/api/paths.js';
import { Company, type SignedIn } from '../../admin/testing/company.js';
import { StorageService } from '../../storage/storage.service.js';

let company: Company;
let owner: SignedIn;
beforeAll(async () => {
  company = await Company.start({ catalog: { source: 'api' } });
  owner = await company.administer('owner');
});
afterAll(async () => company[Symbol.asyncDispose]());

test.each([
  ['DELETE', PATHS.audit],
  ['DELETE', `${PATHS.audit}?until=2026-01-01T00:00:00Z`],
  ['POST', `${PATHS.audit}/expire`],
  ['PUT', `${PATHS.audit}/retention`],
  ['POST', `${PATHS.audit}/retention`],
  ['PATCH', '/api/v1/config'],
] as const)('an owner has no way to let records go: %s %s', async (method, path) => {
  const { db } = company.system.app.get(StorageService);
  const before = await db.selectFrom('audit_payloads').select('record_id').execute();
  const { status } = await owner.ask(method, path, {}, { calls: '1d' });
  expect([404, 405]).toContain(status);
  const after = await db.selectFrom('audit_payloads').select('record_id').execute();
  expect(after.map(({ record_id: id }) => id)).toEqual(
    expect.arrayContaining(before.map(({ record_id: id }) => id)) as string[],
  );
});

test('a revision of the catalog brings no audit settings with it', async () => {
  const { body } = await owner.ask('GET', `${PATHS.catalog}/revisions/1`);
  const { servers, roles, policies, number } = revisionSchema.parse(body);
  const proposal = { parent: number, servers, roles, policies, audit: { retention: { calls: '1d' } } };
  expect(await owner.ask('POST', `${PATHS.catalog}/revisions`, {}, proposal)).toMatchObject({
    status: 400,
    body: { code: 'params_invalid' },
  });
});
