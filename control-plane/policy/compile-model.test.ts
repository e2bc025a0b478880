import { expect, test } from 'vitest';
import { compilePolicies } from './compile.js';
import { evaluate, loadPolicies } from './evaluate/evaluate.js';
import { inputOf } from './testing/inputs.js';
import { definitionsOf, named, SETTINGS } from './testing/decide-by.js';

const KNOWN = definitionsOf({
  pay: { amount: { type: 'integer' }, file: { type: 'string' }, either: { oneOf: [{ type: 'string' }, {}] } },
});
const compile = (text: string, known = KNOWN) =>
  compilePolicies([{ file: 'policies/all.cedar', text }], SETTINGS, known);
const pay = (condition: string) =>
  named('p', `permit(principal, action == Mcp::Action::"crm/pay", resource) when { ${condition} };`);

test.each([
  [pay('context.args.amount > 5'), 'unable to guarantee safety of access to optional attribute'],
  [pay('context.args has amuont && context.args.amuont > 5'), 'the tool "crm/pay" has no argument "amuont"'],
  [pay('principal == Mcp::User::"usr_a" || context.args has amuont'), 'the tool "crm/pay" has no argument "amuont"'],
  [pay('principal == Mcp::User::"usr_a" || context.paths has fiel'), 'the tool "crm/pay" has no argument "fiel"'],
  [
    pay('principal == Mcp::User::"usr_a" || context.session has managdDevice'),
    'there is no context.session.managdDevice',
  ],
  [pay('context.args has amount && context.args.amount == "5"'), 'the types Long and String are not compatible'],
  [
    pay('context.args has either && context.args.either == "x"'),
    'the argument "either" of "crm/pay" has no type that policies can read',
  ],
  [pay('context.paths has amount'), 'the argument "amount" of "crm/pay" is no path'],
  [pay('context.args has file && context.args.file like "/srv/*"'), 'a path is compared with context.args.file'],
  [
    pay('context.args has file && ["C:\\\\x"].contains(context.args.file)'),
    'a path is compared with context.args.file',
  ],
  [pay('context.args has file && context.args.file != "../x"'), 'a path is compared with context.args.file'],
  [pay('context.args == { amount: 1 }'), '`context` or a part of it is taken as a whole'],
  [pay('context.session.acr == "x"'), 'unable to guarantee safety of access to optional attribute'],
  [
    named('p', 'permit(principal, action in Mcp::Action::"call", resource) when { context.args has amount };'),
    'does not name the tools',
  ],
  [
    named('p', 'permit(principal, action == Mcp::Action::"crm/list", resource) when { context.args has amount };'),
    'nobody knows the arguments of "crm/list"',
  ],
  [
    named('p', 'permit(principal, action, resource in Mcp::Label::"prdo");'),
    'there is no label "prdo" in the settings',
  ],
  [
    named(
      'p',
      'permit(principal, action, resource) when { context.session.agents.contains(Mcp::Agent::"service/x") };',
    ),
    'there is no agent',
  ],
  [named('grant', 'permit(principal, action, resource);'), 'the @id "grant" stands for access that is granted'],
])('%s is a fault', (text, message) => {
  const { faults } = compile(text);
  expect(faults).toHaveLength(1);
  expect(faults[0]?.message).toContain(message);
});

const ALL = 'permit(principal, action, resource);';
const NO = 'forbid(principal, action, resource);';

test.each([
  ['@require_approval("leads")', NO, '@require_approval is not a list of one to 16 groups'],
  ['@require_approval("")', NO, '@require_approval is not a list of one to 16 groups'],
  ['@require_approval', NO, '@require_approval is not a list of one to 16 groups'],
  ['@require_approval("okta/a  okta/b")', NO, '@require_approval is not a list of one to 16 groups'],
  [
    '@require_approval("okta/a entra/b")',
    NO,
    '@require_approval names the identity provider "entra", which is not in the settings',
  ],
  ['@require_aproval("okta/a")', NO, 'there is no annotation @require_aproval'],
  ['@requires("okta/a")', NO, 'there is no annotation @requires'],
  ['@approval("okta/a")', NO, 'there is no annotation @approval'],
  ['@lock', NO, '@lock has another value than "true"'],
  ['@lock("yes")', NO, '@lock has another value than "true"'],
  ['@locked("true")', NO, 'there is no annotation @locked'],
  ['@lock("true")', ALL, '@lock on a permit does nothing'],
])('%s on %s is a fault at its place', (annotation, policy, message) => {
  const { faults } = compile(`@id("p") @reason("Why.")\n  ${annotation}\n${policy}`);
  expect(faults).toMatchObject([{ line: 2, column: 3, key: 'p', message }]);
});

test('what Cedar’s own validation says of an argument comes at its place', () => {
  const [fault] = compile(`\n${pay('context.args has amount && context.args.amount == "5"')}`).faults;
  expect(fault).toMatchObject({ file: 'policies/all.cedar', line: 3, key: 'p' });
});

test('a policy that no longer fits a definition is listed, and denies its tool and nothing else', () => {
  const text =
    named('all', ALL) +
    named(
      'limit',
      'forbid(principal, action == Mcp::Action::"crm/pay", resource) when { context.args has amount && context.args.amount > 5 };',
    );
  const { faults, misfits, policies } = compile(text, definitionsOf({ pay: { sum: { type: 'integer' } } }));
  expect(misfits).toMatchObject([{ line: 4, key: 'limit' }]);
  expect(faults).toEqual(misfits);
  loadPolicies('compile-model', policies.texts, policies.unlessMet);
  const decide = (name: string) =>
    evaluate(
      'compile-model',
      policies,
      inputOf({ person: { id: 'usr_a', groups: [] }, server: 'crm', target: { kind: 'tool', name } }),
    );
  expect(decide('pay')).toMatchObject({
    outcome: 'deny',
    policies: ['limit'],
    reason: 'The tool “pay” on the server “crm” is held back: a policy no longer fits its definition.',
  });
  expect(decide('list').outcome).toBe('allow');
});
