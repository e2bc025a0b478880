import { expect, test } from 'vitest';
import { inputOf } from './testing/inputs.js';
import { settingsSchema } from '../config/settings.js';
import { compilePolicies } from './compile.js';
import { DecisionCache } from './decision-cache.js';
import type { Decision } from './decision.js';
import { evaluate, loadPolicies } from './evaluate/evaluate.js';
import { decisionKey } from './decision-key.js';
import { traitsOf } from './policy-traits.js';

const settings = settingsSchema.parse({
  publicUrl: 'https://mcp.acme.example',
  identity: {
    providers: { okta: { issuer: 'https://acme.okta.com', clientId: 'x', clientSecret: 'env:IDP_SECRET' } },
  },
  servers: { crm: { url: 'https://crm.acme.example/mcp', tools: { list: { effect: 'read' } } } },
});
const compile = (text: string) => compilePolicies([{ file: 'policies/all.cedar', text }], settings);
let slots = 0;

/** What is decided about alice's call of a tool that destroys. */
function decide(text: string, groups: readonly string[] = ['okta/x']): Decision {
  const { faults, policies } = compile(text);
  expect(faults).toEqual([]);
  const slot = `step-up-test-${(slots += 1)}`;
  loadPolicies(slot, policies.texts, policies.unlessMet);
  const target = { kind: 'tool', name: 'wipe', effect: 'destroy' } as const;
  return evaluate(slot, policies, inputOf({ person: { id: 'usr_alice', groups }, server: 'crm', target }));
}

const policy = (id: string, annotations: string, rest: string) =>
  `@id("${id}") @reason("Because of ${id}.") ${annotations}\n${rest}\n`;
const PERMIT = 'permit(principal, action, resource);';
const FORBID = 'forbid(principal, action in Mcp::Action::"destroy", resource);';

test('what a permit demands of the sign-in is in the decision', () => {
  expect(decide(policy('p', '@step_up_max_age("300") @step_up_acr("phr phrh")', PERMIT))).toMatchObject({
    outcome: 'allow',
    policies: ['p'],
    stepUp: { maxAge: 300, acrValues: ['phr', 'phrh'], policies: ['p'], reason: 'Because of p.' },
  });
});

test('without an annotation nothing is demanded', () => {
  expect(decide(policy('p', '', PERMIT))).not.toHaveProperty('stepUp');
});

test('a permit that demands nothing takes no other’s demand away, and the strictest of several holds', () => {
  const both = policy('a', '@step_up_max_age("600")', PERMIT) + policy('b', '', PERMIT);
  expect(decide(both).stepUp).toMatchObject({ maxAge: 600, policies: ['a'] });
  const more = both + policy('c', '@step_up_max_age("60") @step_up_acr("x y")', PERMIT);
  const all = more + policy('d', '@step_up_acr("y z")', PERMIT);
  expect(decide(all).stepUp).toEqual({
    maxAge: 60,
    acrValues: ['y'],
    policies: ['a', 'c', 'd'],
    reason: 'Because of a. Because of c. Because of d.',
  });
});

test('demands that no sign-in can meet together deny', () => {
  const text = policy('a', '@step_up_acr("x")', PERMIT) + policy('b', '@step_up_acr("y")', PERMIT);
  expect(decide(text)).toMatchObject({
    outcome: 'deny',
    policies: ['a', 'b'],
    reason: 'The policies demand kinds of sign-in (acr) that exclude each other.',
  });
});

test('a forbid with a demand forbids until it is met, and permits nothing itself', () => {
  const guard = policy('guard', '@step_up_max_age("120")', FORBID);
  expect(decide(guard)).toMatchObject({ outcome: 'deny', policies: [] });
  expect(decide(guard + policy('p', '', PERMIT))).toMatchObject({
    outcome: 'allow',
    policies: ['guard', 'p'],
    stepUp: { maxAge: 120, policies: ['guard'] },
  });
});

test('no demand lifts a forbid that makes none', () => {
  const text =
    policy('guard', '@step_up_max_age("120")', FORBID) + policy('never', '', FORBID) + policy('p', '', PERMIT);
  expect(decide(text)).toMatchObject({ outcome: 'deny', policies: ['never'] });
});

test('a forbid with a demand that does not concern the call demands nothing', () => {
  const elsewhere = policy(
    'guard',
    '@step_up_max_age("120")',
    'forbid(principal in Mcp::Group::"okta/guests", action, resource);',
  );
  const text = elsewhere + policy('p', '', PERMIT);
  expect(decide(text)).not.toHaveProperty('stepUp');
  expect(decide(text, ['okta/guests']).stepUp).toMatchObject({ maxAge: 120 });
});

test('a forbid with a demand that errs denies', () => {
  const broken = policy('guard', '@step_up_max_age("120")', 'forbid(principal, action, resource) when { 1 > 0 };');
  const { policies } = compile(broken + policy('p', '', PERMIT));
  const texts = {
    ...policies.texts,
    guard: 'forbid(principal, action, resource) when { 9223372036854775807 + 1 > 3 };',
  };
  loadPolicies('step-up-test-broken', texts, policies.unlessMet);
  const target = { kind: 'tool', name: 'wipe', effect: 'destroy' } as const;
  const input = inputOf({ person: { id: 'usr_alice', groups: [] }, server: 'crm', target });
  expect(evaluate('step-up-test-broken', policies, input)).toMatchObject({ outcome: 'deny', failed: true });
});

test('a remembered decision makes the same demand, and holds no verdict on anyone’s sign-in', () => {
  const { policies } = compile(policy('p', '@step_up_max_age("300")', PERMIT));
  loadPolicies('step-up-test-cache', policies.texts, policies.unlessMet);
  const cache = new DecisionCache(decisionKey(Object.values(traitsOf(policies.texts))), (input) =>
    evaluate('step-up-test-cache', policies, input),
  );
  const target = { kind: 'tool', name: 'wipe', effect: 'destroy' } as const;
  const of = (id: string) => cache.decide(inputOf({ person: { id, groups: [] }, server: 'crm', target }));
  expect(of('usr_alice')).toMatchObject({ outcome: 'allow', stepUp: { maxAge: 300 } });
  expect(of('usr_bob')).toBe(of('usr_alice'));
});

const AGE = '@step_up_max_age is not a number of seconds from 60 to 86400';
const ACR = '@step_up_acr is not a list of one to 16 values';

test.each([
  ['@step_up_max_age("59")', AGE],
  ['@step_up_max_age("86401")', AGE],
  ['@step_up_max_age("5m")', AGE],
  ['@step_up_max_age("")', AGE],
  ['@step_up_max_age', AGE],
  ['@step_up_acr("")', ACR],
  ['@step_up_acr', ACR],
  ['@step_up_acr("a  b")', ACR],
  [String.raw`@step_up_acr("a\"b")`, ACR],
  [`@step_up_acr("${Array.from({ length: 17 }, (_, n) => `a${n}`).join(' ')}")`, ACR],
  ['@step_up_maxage("300")', 'there is no annotation @step_up_maxage'],
  ['@step_up("300")', 'there is no annotation @step_up'],
])('%s is a fault at its place', (annotation, message) => {
  const text = `// @step_up_max_age("59")\n@id("p") @reason("@step_up_acr")\n  ${annotation}\n${PERMIT}`;
  expect(compile(text).faults).toMatchObject([{ file: 'policies/all.cedar', line: 3, column: 3, key: 'p', message }]);
});

test('a misspelt annotation is named with the nearest one', () => {
  expect(compile(policy('p', '@step_up_maxage("300")', PERMIT)).faults).toMatchObject([
    { fix: 'did you mean @step_up_max_age?' },
  ]);
});
