import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { PolicyCheck } from '#shared/api/policies.js';
import type { PolicyProblems, ReviewList, ToolEffects } from '#shared/api/reviews.js';
import { DefinitionsService } from '../policy/definitions/definitions.service.js';
import { PolicyService } from '../policy/policy.service.js';
import { questionOf } from '../policy/testing/inputs.js';
import { Company, type SignedIn } from './testing/company.js';

vi.setConfig({ testTimeout: 120_000 });
const PATIENT = { timeout: 60_000 };

const pay = (argument: string) => ({
  name: 'pay',
  inputSchema: { type: 'object', properties: { [argument]: { type: 'integer' } } },
  annotations: { destructiveHint: false },
});
const LIST = { name: 'list', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } };
const POLICIES = [
  {
    file: 'policies/all.cedar',
    text: `@id("small") @reason("Small sums.")
permit (principal, action == Mcp::Action::"crm/pay", resource) when { context.args has amount && context.args.amount < 5 };
@id("list") @reason("Lists.") permit (principal, action == Mcp::Action::"crm/list", resource);
`,
  },
];

let company: Company;
let definitions: DefinitionsService;
let owner: SignedIn;

beforeAll(async () => {
  const crm = { url: 'http://127.0.0.1:1/mcp', tools: { list: { effect: 'read' } } };
  company = await Company.start({ catalog: { source: 'api' }, servers: { crm } });
  definitions = company.system.app.get(DefinitionsService, { strict: false });
  owner = await company.administer('owner');
}, 120_000);
afterAll(() => company[Symbol.asyncDispose]());

const problems = async (by = owner) =>
  ((await by.ask('GET', '/api/v1/policies/problems')).body as PolicyProblems).problems;
const check = async () =>
  (await owner.ask('POST', '/api/v1/policies/check', {}, { policies: POLICIES })).body as PolicyCheck;
const outcome = (tool: string) => {
  const target = { kind: 'tool' as const, name: tool };
  const question = questionOf({ person: { id: 'usr_bob', groups: [] }, server: 'crm', target, args: { amount: 3 } });
  return company.system.app.get(PolicyService, { strict: false }).decide(question).outcome;
};

/** About the definition of `pay` that was seen last. */
async function decide(from: 'pending' | 'accepted', to: 'accepted' | 'rejected'): Promise<void> {
  const { reviews } = (await owner.ask('GET', `/api/v1/reviews?tool=pay&state=${from}`)).body as ReviewList;
  const [{ server, tool, sha256 }] = reviews as [ReviewList['reviews'][number]];
  const { status } = await owner.ask('POST', '/api/v1/reviews/decisions', {}, { server, tool, sha256, from, to });
  expect(status).toBe(200);
}

test('policies are checked against what was accepted; what no longer fits is listed and denied, and comes back', async () => {
  expect((await check()).faults).toMatchObject([{ message: expect.stringContaining('nobody knows the arguments') }]);
  await definitions.observe('crm', [pay('amount'), LIST]);
  expect(await check()).toMatchObject({ faults: [], policies: 2 });
  const { servers, roles } = (await owner.ask('GET', '/api/v1/catalog/revisions/1')).body as Record<string, unknown>;
  const json = { parent: 1, servers, roles, policies: POLICIES };
  expect(await owner.ask('POST', '/api/v1/catalog/revisions', {}, json)).toMatchObject({ status: 200 });
  expect([outcome('pay'), outcome('list'), await problems()]).toEqual(['allow', 'allow', []]);

  await definitions.observe('crm', [pay('total'), LIST]);
  await decide('pending', 'accepted');
  expect([outcome('pay'), outcome('list')]).toEqual(['deny', 'allow']);
  await expect
    .poll(() => problems(), PATIENT)
    .toEqual(['policies/all.cedar:2:71 small: the tool "crm/pay" has no argument "amount" → known are: total']);
  expect((await check()).faults).toMatchObject([{ message: 'the tool "crm/pay" has no argument "amount"' }]);
  expect([outcome('pay'), outcome('list')]).toEqual(['deny', 'allow']);

  await decide('accepted', 'rejected');
  await definitions.observe('crm', [pay('amount'), LIST]);
  await expect.poll(() => outcome('pay'), PATIENT).toBe('allow');
  expect(await problems()).toEqual([]);
});

test('problems are for those who write policies, run servers or review', async () => {
  for (const [name, status] of [
    ['author', 200],
    ['admin', 200],
    ['approver', 200],
    ['auditor', 403],
    ['helpdesk', 403],
    ['alice', 403],
  ] as const) {
    const signedIn = await company.administer(name);
    const answer = await signedIn.ask('GET', '/api/v1/policies/problems');
    expect([name, answer.status]).toEqual([name, status]);
  }
});

test('what servers suggest of their tools stands beside what the settings say', async () => {
  const { body } = await owner.ask('GET', '/api/v1/reviews/effects?server=crm');
  const { tools, yaml } = body as ToolEffects;
  expect(tools.map(({ tool, effect, suggestedEffect }) => [tool, effect, suggestedEffect])).toEqual([
    ['list', 'read', 'read'],
    ['pay', null, 'write'],
  ]);
  expect(yaml).toMatch(/\nservers:\n {2}crm:\n {4}tools:\n {6}pay:\n {8}effect: write\n$/);
  expect((await owner.ask('GET', '/api/v1/reviews/effects?server=other')).body).toMatchObject({ tools: [] });
});
