import { afterAll, beforeAll, expect, test } from 'vitest';
import { accessReportSchema, accessReviewSchema, exposureReportSchema } from '#shared/api/audit-reports.js';
import { AuditService } from '../audit/audit.service.js';
import { intent } from '../audit/testing/records.js';
import { Company, type SignedIn } from './testing/company.js';

const PATH = '/api/v1/audit/reports';
const REPORTS = ['access', 'exposure', 'comparison?left=a&right=b', 'denials', 'unused-grants', 'review?server=crm'];
const CLAUDE = { claimedClient: { name: 'Claude Desktop', version: '1' }, groups: ['corp/sales'] };

let company: Company;
let people: Record<'auditor' | 'owner' | 'admin' | 'helpdesk' | 'alice' | 'bob', SignedIn>;

beforeAll(async () => {
  company = await Company.start({
    servers: {
      crm: { url: 'https://crm.corp.test/mcp', owners: ['corp/crm-team'], tools: { pay: { effect: 'write' } } },
      wiki: { url: 'https://wiki.corp.test/mcp' },
    },
  });
  const alice = company.system.idp.users.get('alice')!;
  company.system.idp.users.set('alice', { ...alice, groups: ['crm-team'] });
  const names = ['auditor', 'owner', 'admin', 'helpdesk', 'alice', 'bob'] as const;
  const signedIn = await Promise.all(names.map(async (name) => [name, await company.administer(name)] as const));
  people = Object.fromEntries(signedIn) as typeof people;
  const audit = company.system.app.get(AuditService);
  const person = people.bob.person;
  await audit.write(intent({ person, server: 'crm', target: 'pay' }, CLAUDE));
  await audit.write(intent({ person, server: 'wiki', target: 'read' }, CLAUDE));
});
afterAll(() => company[Symbol.asyncDispose]());

test('auditors, owners and admins read every report; other roles and nobody’s do not', async () => {
  for (const report of REPORTS) {
    const answers = await Promise.all(
      (['auditor', 'owner', 'admin', 'helpdesk', 'bob'] as const).map(async (name) => {
        const { status, body } = await people[name].ask('GET', `${PATH}/${report}`);
        return status === 200 ? 200 : (body as { code: string }).code;
      }),
    );
    expect([report, ...answers]).toEqual([report, 200, 200, 200, 'role_missing', 'role_missing']);
  }
});

async function apps(name: 'auditor' | 'owner' | 'admin', query: string): Promise<(string | null)[]> {
  const { body } = await people[name].ask('GET', `${PATH}/access?server=crm${query}`);
  return accessReportSchema.parse(body).rows.map(({ client }) => client.claimedName);
}

test('what an app claims to be is shown to auditors alone, and for others it finds nothing', async () => {
  expect(await apps('auditor', '&client=claude')).toEqual(['claude desktop']);
  for (const name of ['owner', 'admin'] as const) {
    expect([await apps(name, ''), await apps(name, '&client=claude')]).toEqual([[null], []]);
  }
});

test('the effect of a tool is that of the settings, and destroy where nobody said', async () => {
  const { body } = await people.admin.ask('GET', `${PATH}/exposure?group=corp/sales`);
  expect(exposureReportSchema.parse(body).rows.map(({ target, effect }) => [target, effect])).toEqual([
    ['pay', 'write'],
    ['read', 'destroy'],
  ]);
});

test('an owner of a server reads who has access to it without any role, and nothing else', async () => {
  const { alice, bob } = people;
  const review = await alice.ask('GET', `${PATH}/review?server=crm`);
  expect(accessReviewSchema.parse(review.body).rows.map((row) => [row.person?.id, row.tools, row.calls])).toEqual([
    [bob.person, ['pay'], 1],
  ]);
  for (const foreign of ['wiki', 'CRM', 'absent', '__proto__', 'constructor', 'crm%00']) {
    const refused = await alice.ask('GET', `${PATH}/review?server=${foreign}`);
    expect([foreign, refused.status, (refused.body as { code: string }).code]).toEqual([foreign, 403, 'role_missing']);
  }
  for (const report of REPORTS.filter((one) => !one.startsWith('review'))) {
    expect((await alice.ask('GET', `${PATH}/${report}`)).status).toBe(403);
  }
  expect((await alice.ask('GET', `${PATH}/review?server=crm&server=wiki`)).status).toBe(400);
});

test('each read is a record with what was asked, before it is answered', async () => {
  await people.alice.ask('GET', `${PATH}/review?server=crm&limit=7`);
  const audit = company.system.app.get(AuditService);
  const { entries } = await audit.search({ type: 'audit.read', limit: 1 }, { payloads: true });
  expect([entries[0]?.person?.id, JSON.parse(entries[0]?.detail ?? '')]).toEqual([
    people.alice.person,
    { report: 'review', server: 'crm', limit: 7 },
  ]);
});

test.each([
  ['access?colour=red', '`colour`'],
  ['access?limit=5001', '`limit`'],
  ['access?cursor=zzz', '`cursor`'],
  ['access?since=yesterday', '`since`'],
  ['comparison?left=a', '`right`'],
  ['unused-grants?days=0', '`days`'],
  ['denials?decision=allow', '`decision`'],
  ['review', '`server`'],
])('the bad parameter in %s is named', async (query, name) => {
  expect(await people.auditor.ask('GET', `${PATH}/${query}`)).toMatchObject({
    status: 400,
    body: { code: 'params_invalid', detail: expect.stringContaining(name) as string },
  });
});
