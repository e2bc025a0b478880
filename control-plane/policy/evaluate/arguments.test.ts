import { expect, test } from 'vitest';
import { parseExactly } from '#shared/mcp/exact-json.js';
import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { deciderOf, definitionsOf, named } from '../testing/decide-by.js';

const KNOWN = definitionsOf({
  pay: {
    amount: { type: 'integer' },
    price: { type: 'number' },
    to: { type: 'string' },
    urgent: { type: 'boolean' },
    tags: { type: 'array', items: { type: 'string' } },
    file: { type: 'string' },
    files: { type: 'array', items: { type: 'string' } },
    filter: { type: 'object', properties: { owner: { type: 'string' }, odd: { oneOf: [] } } },
    maybe: { anyOf: [{ type: 'integer' }, { type: 'null' }] },
    kind: { enum: ['a', 'b'] },
  },
});
const permit = (condition: string) =>
  named('p', `permit(principal, action == Mcp::Action::"crm/pay", resource) when { ${condition} };`);
const decide = (condition: string, args: string) =>
  deciderOf(permit(condition), KNOWN)({ args: parseExactly(args) as JsonObject });

test.each([
  ['context.args has amount && context.args.amount == 5', '{"amount":5}'],
  ['context.args has amount && context.args.amount == 5', '{"amount":5.0}'],
  ['context.args has amount && context.args.amount == 0', '{"amount":-0}'],
  ['context.args has amount && context.args.amount == 9007199254740991', '{"amount":9007199254740991}'],
  ['context.args has price && context.args.price == decimal("1.5")', '{"price":1.50}'],
  ['context.args has price && context.args.price.lessThan(decimal("0.0"))', '{"price":-3}'],
  ['context.args has to && context.args.to == "über"', '{"to":"über"}'],
  ['context.args has to && context.args.to == ""', '{"to":""}'],
  ['context.args has urgent && context.args.urgent', '{"urgent":true}'],
  ['context.args has tags && context.args.tags.containsAll(["a", "b"])', '{"tags":["b","a","a"]}'],
  ['context.args has tags && context.args.tags.isEmpty()', '{"tags":[]}'],
  ['context.args has filter.owner && context.args.filter.owner == "me"', '{"filter":{"owner":"me","odd":{"x":1}}}'],
  ['context.args has maybe && context.args.maybe > 1', '{"maybe":2}'],
  ['!(context.args has maybe)', '{"maybe":null}'],
  ['!(context.args has maybe)', '{}'],
  ['context.args has kind && context.args.kind == "a"', '{"kind":"a"}'],
  ['context.paths has file && context.paths.file like "/srv/app/*"', '{"file":"/srv/./app//x/"}'],
  ['context.paths has files && context.paths.files == ["/srv/a", "../b"]', '{"files":["file:///srv/%61","x/../../b"]}'],
])('%s holds for %s', (condition, args) => {
  expect(decide(condition, args)).toMatchObject({ outcome: 'allow', policies: ['p'], failed: false });
});

test('arguments that no policy reads are nobody’s matter', () => {
  const args = '{"amount":5,"price":"x","to":"\\ud800","__proto__":{"amount":1},"other":{"__entity":{}},"n":1e400}';
  expect(decide('context.args has amount && context.args.amount == 5', args).outcome).toBe('allow');
});

test('a list decides as if all that depends on arguments held, and the call does not', () => {
  const text =
    permit('principal in Mcp::Group::"okta/engineering" && context.args has amount && context.args.amount < 10') +
    named(
      'f',
      'forbid(principal, action == Mcp::Action::"crm/pay", resource) when { context.args has to && context.args.to == "eve" };',
    );
  const decider = deciderOf(text, KNOWN);
  expect(decider({ args: undefined })).toMatchObject({ outcome: 'allow', policies: ['p'] });
  expect(decider({ args: undefined, person: { id: 'usr_bob', groups: [] } }).outcome).toBe('deny');
  expect(decider({ args: {} }).outcome).toBe('deny');
  expect(decider({ args: { amount: 9 } }).outcome).toBe('allow');
  expect(decider({ args: { amount: 9, to: 'eve' } })).toMatchObject({ outcome: 'deny', policies: ['f'] });
});

test.each([
  ['permit', 'when', 'context.args has amount || principal == Mcp::User::"usr_eve"', 'allow'],
  ['permit', 'when', '!(context.args has amount) && principal == Mcp::User::"usr_eve"', 'deny'],
  ['permit', 'when', '!(context.args has amount && principal == Mcp::User::"usr_alice")', 'allow'],
  ['permit', 'unless', 'context.args has amount || principal == Mcp::User::"usr_alice"', 'deny'],
  ['permit', 'unless', 'context.args has amount || principal == Mcp::User::"usr_eve"', 'allow'],
  ['permit', 'when', 'if context.args has amount then principal == Mcp::User::"usr_eve" else false', 'allow'],
  ['forbid', 'when', 'context.args has amount && principal == Mcp::User::"usr_alice"', 'allow'],
  ['forbid', 'when', '(if context.args has amount then true else true) || principal == Mcp::User::"usr_alice"', 'deny'],
  ['forbid', 'unless', 'context.args has amount && context.args.amount < 5', 'allow'],
  ['forbid', 'unless', 'context.args has amount && principal == Mcp::User::"usr_eve"', 'deny'],
])('in lists, %s %s { %s } → %s', (effect, kind, condition, outcome) => {
  const open = effect === 'forbid' ? named('all', 'permit(principal, action, resource);') : '';
  const text = named('x', `${effect}(principal, action == Mcp::Action::"crm/pay", resource) ${kind} { ${condition} };`);
  expect(deciderOf(open + text, KNOWN)({ args: undefined }).outcome).toBe(outcome);
});
