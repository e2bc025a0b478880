import { expect, test } from 'vitest';
import { faultText } from '../../config/fault-text.js';
import { settingsSchema, type Fault } from '../../config/settings.js';
import { judgePolicies } from '../judge-policies.js';

const SETTINGS = settingsSchema.parse({
  publicUrl: 'https://mcp.acme.example',
  identity: {
    providers: { okta: { issuer: 'https://acme.okta.com', clientId: 'x', clientSecret: 'env:IDP_SECRET' } },
  },
  networks: { office: ['10.20.0.0/16'] },
  servers: {
    crm: { url: 'https://crm.acme.example/mcp', tools: { list_customers: { effect: 'read' } } },
    erp: { url: 'https://erp.acme.example/mcp', tools: { pay: { effect: 'write' } } },
  },
});
const CEDAR = `@id("sales-reads") @reason("Sales reads.")
permit(principal in Mcp::Group::"okta/sales", action in Mcp::Action::"read", resource in Mcp::Server::"crm");
@id("finance-pays") @reason("Finance pays.") @step_up_max_age("300") @step_up_acr("phr")
permit(principal in Mcp::Group::"okta/finance", action, resource in Mcp::Server::"erp");
@id("carol") @reason("Carol looks after prompts.")
permit(principal == Mcp::User::"usr_carol", action, resource is Mcp::Prompt);`;

const judge = (yaml: string, cedar = CEDAR) =>
  judgePolicies(
    [
      { file: 'policies/a.cedar', text: cedar },
      { file: 'policies/a.test.yaml', text: yaml },
    ],
    SETTINGS,
    SETTINGS,
  );
const faults = async (yaml: string, cedar?: string): Promise<string[]> =>
  (await judge(yaml, cedar)).faults.map((fault: Fault) => faultText(fault));

test('cases that come out as expected leave no fault', async () => {
  const { faults: found, outcomes } = await judge(`
- { as: { groups: [okta/sales] }, server: crm, tool: list_customers, expect: allow, by: [sales-reads] }
- { as: { groups: [okta/sales] }, server: crm, tool: drop_customers, expect: deny, by: [] }
- { as: { groups: [okta/finance], acr: phr, signInAgeMinutes: 5 }, server: erp, tool: pay, expect: allow }
- { as: { groups: [okta/finance], acr: phr, signInAgeMinutes: 6 }, server: erp, tool: pay, expect: step-up }
- { as: { groups: [okta/finance] }, server: erp, tool: pay, expect: step-up, by: [finance-pays] }
- { as: { person: usr_carol, network: office }, at: 2026-11-24T08:00:00+01:00, server: crm, prompt: hello, expect: allow }
- { server: crm, resource: note://1, expect: deny }
`);
  expect(found).toEqual([]);
  expect(outcomes.map(({ outcome, policies }) => [outcome, policies])).toEqual([
    ['allow', ['sales-reads']],
    ['deny', []],
    ['allow', ['finance-pays']],
    ['step-up', ['finance-pays']],
    ['step-up', ['finance-pays']],
    ['allow', ['carol']],
    ['deny', []],
  ]);
});

test('a case that fails names its line, itself, what was decided and by whom', async () => {
  expect(
    await faults(`
- name: sales may not read
  as: { groups: [okta/sales] }
  server: crm
  tool: list_customers
  expect: deny
- { as: { groups: [okta/sales] }, server: crm, tool: list_customers, expect: allow, by: [carol] }
- { server: crm, tool: list_customers, expect: allow }
`),
  ).toEqual([
    'policies/a.test.yaml:6:11 sales may not read: expected deny, got allow by sales-reads: Sales reads. → correct the policy, or the case where the policy is right',
    'policies/a.test.yaml:7:89 case 2: expected allow by carol, got allow by sales-reads: Sales reads. → correct the policy, or the case where the policy is right',
    'policies/a.test.yaml:8:48 case 3: expected allow, got deny by no policy: No policy permits the tool “list_customers” on the server “crm”. → correct the policy, or the case where the policy is right',
  ]);
});

test('what is no case is named with its line, and nothing is run', async () => {
  const yaml = `
- { server: crm, tool: a, expects: allow }
- { server: crm, tool: a, prompt: b, expect: allow }
- { as: { group: [okta/sales], network: office, address: 10.0.0.1 }, server: crm, tool: a, expect: maybe }
- { at: tomorrow, server: crm, tool: a, expect: deny }
`;
  expect(await faults(yaml)).toEqual([
    'policies/a.test.yaml:2:3 case 1: expect is missing → write allow, deny, approval or step-up',
    'policies/a.test.yaml:2:27 case 1: there is no key expects → did you mean expect?',
    'policies/a.test.yaml:3:24 case 2: tool is not a valid value → write exactly one of tool, resource, prompt and method',
    'policies/a.test.yaml:4:11 case 3: there is no key as.group → did you mean groups?',
    'policies/a.test.yaml:4:100 case 3: expect is not a valid value → write allow, deny, approval or step-up',
    'policies/a.test.yaml:5:9 case 4: at is not a valid value → write a time with its zone, for example 2026-01-07T12:00:00Z',
  ]);
  expect((await judge(yaml)).outcomes).toEqual([]);
});

test.each([
  [
    '',
    'policies/a.test.yaml:1:1 this is not a valid value → write a list of cases, each with as, server, tool and expect',
  ],
  ['[', 'this is not valid YAML'],
  ['[]', 'this is not a valid value'],
  ['a: 1', 'this is not a valid value'],
])('a file that holds no list of cases is refused: %j', async (yaml, fault) => {
  expect(await faults(yaml)).toEqual([expect.stringContaining(fault) as string]);
});

test('names that mean nothing here are faults: a case about them would pass for a wrong reason', async () => {
  expect(
    await faults(`
- { as: { groups: [otka/sales] }, server: crm, tool: a, expect: deny }
- { as: { network: offise }, server: crn, tool: a, expect: deny }
- { server: crm, tool: a, expect: deny, by: [sales-read] }
`),
  ).toEqual([
    'policies/a.test.yaml:2:20 case 1: there is no identity provider "otka" → did you mean okta?',
    'policies/a.test.yaml:3:20 case 2: there is no network "offise" → did you mean office?',
    'policies/a.test.yaml:3:38 case 2: there is no server "crn" → did you mean crm?',
    'policies/a.test.yaml:4:46 case 3: there is no policy "sales-read" → did you mean sales-reads?',
  ]);
});

test('a denial because a policy erred is not the denial that a case expects', async () => {
  const broken = `@id("x") @reason("X.") forbid(principal, action, resource) when { 9223372036854775807 + 1 > 3 };`;
  expect(await faults('- { server: crm, tool: a, expect: deny }', broken)).toEqual([
    expect.stringContaining('expected deny, got deny by x: The policy could not be evaluated') as string,
  ]);
});

test('faults of policies and of the form of cases come together; then no case is run', async () => {
  expect(
    (await faults('- { server: crm }', 'permit(principal, action, resource);')).map((line) => line.split(' → ')[0]),
  ).toEqual([
    'policies/a.cedar:1:1 policy #1: the policy has no @id',
    'policies/a.cedar:1:1 policy #1: the policy has no @reason',
    'policies/a.test.yaml:1:3 case 1: expect is missing',
  ]);
});

test('more cases than are run before each revision are refused', async () => {
  const yaml = '- { server: crm, tool: a, expect: deny }\n'.repeat(5001);
  expect(await faults(yaml)).toEqual([
    expect.stringContaining('a.test.yaml:5001:3 case 5001: there are more than 5000 cases') as string,
  ]);
});
