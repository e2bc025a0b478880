import { expect, test } from 'vitest';
import { compilePolicies } from './compile.js';
import { judgePolicies, type PolicyChecks } from './judge-policies.js';
import { definitionsOf, named, SETTINGS } from './testing/decide-by.js';
import { testPolicies } from './tests/test-policies.js';

const FILES = [
  {
    file: 'policies/all.cedar',
    text:
      named(
        'pay',
        'permit(principal, action == Mcp::Action::"crm/pay", resource) when { context.args has amount && context.args.amount < 5 };',
      ) + named('list', 'permit(principal, action == Mcp::Action::"crm/list", resource);'),
  },
  {
    file: 'policies/all.test.yaml',
    text: `- { name: small, server: crm, tool: pay, args: { amount: 3 }, expect: allow, by: [pay] }
- { name: lists, server: crm, tool: list, expect: allow, by: [list] }
- { name: red, server: crm, tool: list, expect: deny }
`,
  },
];

function under(properties: object | undefined): PolicyChecks {
  const known = properties === undefined ? undefined : definitionsOf({ pay: { ...properties } });
  return { compile: (files, settings) => compilePolicies(files, settings, known), test: testPolicies };
}

async function judged(properties: object | undefined) {
  const { faults, misfits, unseen, outcomes } = await judgePolicies(FILES, SETTINGS, SETTINGS, under(properties));
  return {
    faults: faults.map(({ key, message }) => `${key}: ${message.split(':')[0]}`),
    misfits: misfits.length,
    unseen: unseen.length,
    run: outcomes.map(({ name, passed }) => `${name} ${passed}`),
  };
}

test('a policy that fits no definition leaves out the cases of its tool, and no other', async () => {
  expect(await judged({ amount: { type: 'integer' } })).toEqual({
    faults: ['red: expected deny, got allow by list'],
    misfits: 0,
    unseen: 0,
    run: ['small true', 'lists true', 'red false'],
  });
  const rest = { misfits: 1, run: ['lists true', 'red false'] };
  expect(await judged({ total: { type: 'integer' } })).toEqual({
    faults: ['pay: the tool "crm/pay" has no argument "amount"', 'red: expected deny, got allow by list'],
    unseen: 0,
    ...rest,
  });
  expect(await judged(undefined)).toEqual({
    faults: ['pay: nobody knows the arguments of "crm/pay"', 'red: expected deny, got allow by list'],
    unseen: 1,
    ...rest,
  });
});
