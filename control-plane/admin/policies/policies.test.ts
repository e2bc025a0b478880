import { afterAll, beforeAll, expect, test } from 'vitest';
import { activePoliciesSchema, policyDiffSchema } from '#shared/api/policies.js';
import { Company, type SignedIn } from '../testing/company.js';

const SALES = {
  file: 'policies/sales.cedar',
  text: `// What sales may.
@id("sales-reads") @reason("Sales reads.")
permit (principal in Mcp::Group::"corp/sales", action in Mcp::Action::"read", resource in Mcp::Server::"crm");
`,
};
const WIPED = {
  file: 'policies/wipe.cedar',
  text: '@id("no-wipe") @reason("No.") forbid (principal, action == Mcp::Action::"crm/wipe", resource);\n',
};
const TESTS = {
  file: 'policies/sales.test.yaml',
  text: `- { name: sales reads, as: { groups: [corp/sales] }, server: crm, tool: list, expect: allow }
- { name: sales wipes, as: { groups: [corp/sales] }, server: crm, tool: wipe, expect: allow }
`,
};

let company: Company;
let author: SignedIn;
beforeAll(async () => {
  const crm = { url: 'https://crm.corp.test/mcp', tools: { list: { effect: 'read' } } };
  company = await Company.start({ catalog: { source: 'api' }, servers: { crm } });
  author = await company.administer('author');
  const owner = await company.administer('owner');
  const { body } = await owner.ask('GET', '/api/v1/catalog/revisions/1');
  const { servers, roles } = body as Record<string, unknown>;
  const json = { parent: 1, servers, roles, policies: [SALES, WIPED], message: 'sales begins' };
  const { status } = await owner.ask('POST', '/api/v1/catalog/revisions', {}, json);
  if (status !== 200) throw new Error(`the first policies were refused: ${status}`);
});
afterAll(() => company[Symbol.asyncDispose]());

const post = (path: string, json: unknown) => author.ask('POST', `/api/v1/policies/${path}`, {}, json);

test('the policies in force are listed with what they are about', async () => {
  const { body } = await author.ask('GET', '/api/v1/policies');
  const { policies, revision, files } = activePoliciesSchema.parse(body);
  expect([revision, files]).toEqual([2, [SALES, WIPED]]);
  expect(policies).toEqual([
    {
      id: 'sales-reads',
      file: 'policies/sales.cedar',
      line: 2,
      effect: 'permit',
      reason: 'Sales reads.',
      servers: ['crm'],
      principals: ['corp/sales'],
    },
    { ...policies[1], id: 'no-wipe', effect: 'forbid', servers: ['crm'], principals: [] },
  ]);
});

test('what is checked is named with its place, tests that fail too, and nothing becomes active', async () => {
  const { status, body } = await post('check', { policies: [SALES, TESTS] });
  expect([status, body]).toEqual([
    200,
    {
      faults: [
        {
          file: 'policies/sales.test.yaml',
          line: 2,
          column: 87,
          key: 'sales wipes',
          message: 'expected allow, got deny by no policy: No policy permits the tool “wipe” on the server “crm”.',
          fix: 'correct the policy, or the case where the policy is right',
        },
      ],
      warnings: [],
      policies: 1,
      cases: 2,
    },
  ]);
  expect((await author.ask('GET', '/api/v1/policies')).body).toMatchObject({ revision: 2 });
});

test('each test is told, and those in force are run where no policies are sent', async () => {
  const { body } = await post('test', { policies: [SALES, TESTS] });
  expect(body).toMatchObject({
    faults: [],
    results: [
      { name: 'sales reads', passed: true, outcome: 'allow', policies: ['sales-reads'] },
      { name: 'sales wipes', passed: false, expected: 'allow', outcome: 'deny', policies: [] },
    ],
  });
  expect((await post('test', {})).body).toEqual({ faults: [], results: [] });
});

test('a red test keeps a revision from becoming active', async () => {
  const { body } = await author.ask('GET', '/api/v1/catalog/revisions/2');
  const { servers, roles } = body as Record<string, unknown>;
  const json = { parent: 2, servers, roles, policies: [SALES, TESTS] };
  const refused = await author.ask('POST', '/api/v1/catalog/revisions', {}, json);
  expect(refused).toMatchObject({ status: 422, body: { code: 'catalog_refused' } });
  expect((refused.body as { detail: string }).detail).toMatch(
    /^policies\/sales\.test\.yaml:2:87 sales wipes: expected allow, got deny/,
  );
  expect((await author.ask('GET', '/api/v1/policies')).body).toMatchObject({ revision: 2 });
});

test('a diff tells by @id what is different and whom it concerns; a policy that only moved is the same', async () => {
  const moved = { file: 'policies/other.cedar', text: `\n\n${WIPED.text}` };
  const stricter = { ...SALES, text: SALES.text.replace('Sales reads.', 'Sales looks.') };
  const diff = policyDiffSchema.parse((await post('diff', { policies: [moved, stricter, TESTS] })).body);
  expect(diff).toMatchObject({ from: 2, to: null, servers: ['crm'], principals: ['corp/sales'] });
  expect(diff).toMatchObject({ everyServer: false, everybody: false });
  expect(diff.policies.map(({ id, change, diff: lines }) => [id, change, lines])).toEqual([
    [
      'sales-reads',
      'changed',
      `-@id("sales-reads") @reason("Sales reads.")
+@id("sales-reads") @reason("Sales looks.")
 permit (principal in Mcp::Group::"corp/sales", action in Mcp::Action::"read", resource in Mcp::Server::"crm");`,
    ],
  ]);
  expect(diff.files.map(({ file, change }) => [file, change])).toEqual([['policies/sales.test.yaml', 'added']]);
  const revisions = policyDiffSchema.parse((await post('diff', { from: 1, to: 2 })).body);
  expect(revisions.policies.map(({ id, change }) => [id, change])).toEqual([
    ['no-wipe', 'added'],
    ['sales-reads', 'added'],
  ]);
  expect(revisions.everybody).toBe(true);
});

test.each([
  ['diff', { from: 9 }, 404],
  ['diff', { policies: [], from: 1 }, 400],
  ['diff', { to: 1 }, 400],
  ['diff', { policies: [{ file: 'policies/a.cedar', text: 'permit(' }] }, 422],
  ['check', { policies: [{ file: '../a.cedar', text: '' }] }, 400],
  ['grid', { yaml: 'corp/sales: { crn: read }', policies: [] }, 422],
])('%s of %o is refused', async (path, json, status) => {
  expect((await post(path, json)).status).toBe(status);
});

test('a grid is shown, and written as Cedar that keeps what it cannot express', async () => {
  expect((await author.ask('GET', '/api/v1/policies/grid')).body).toMatchObject({
    grid: {},
    custom: [{ id: 'sales-reads' }, { id: 'no-wipe' }],
    yaml: expect.stringContaining('corp/sales:\n  crm: none\n') as string,
  });
  const own = { file: 'policies/grid.cedar', text: WIPED.text };
  const { body } = await post('grid', { yaml: 'corp/sales: { crm: write }', policies: [own] });
  expect(body).toMatchObject({ file: 'policies/grid.cedar', kept: ['no-wipe'] });
  const { text } = body as { text: string };
  expect(text).toContain('@id("grid-corp-sales-crm")');
  expect((await post('check', { policies: [{ ...own, text }] })).body).toMatchObject({ faults: [], policies: 2 });
});

test('auditors look, and write nothing; admins of servers do neither', async () => {
  const auditor = await company.administer('auditor');
  const admin = await company.administer('admin');
  expect((await auditor.ask('GET', '/api/v1/policies')).status).toBe(200);
  expect((await auditor.ask('GET', '/api/v1/policies/starter-kit')).status).toBe(403);
  expect((await admin.ask('GET', '/api/v1/policies')).status).toBe(403);
});

test('to look takes no new sign-in, although it is a POST', async () => {
  const old = await company.administer('author', { fresh: false });
  expect((await old.ask('POST', '/api/v1/policies/check', {}, { policies: [SALES] })).status).toBe(200);
});
