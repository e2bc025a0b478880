import { expect, test } from 'vitest';
import { inputOf } from './testing/inputs.js';
import { DecisionCache } from './decision-cache.js';
import type { Decision, PolicyInput } from './decision.js';
import { evaluate, loadPolicies, NO_POLICIES } from './evaluate/evaluate.js';
import { decisionKey } from './decision-key.js';
import { traitsOf } from './policy-traits.js';

const TEXTS = {
  read: 'permit(principal in Mcp::Group::"a/x", action in Mcp::Action::"read", resource in Mcp::Server::"crm");',
  either:
    'permit(principal, action, resource is Mcp::Tool) when { [Mcp::Group::"a/y", Mcp::Group::"b\\u{2f}x"].contains(Mcp::Group::"a/y") && principal in [Mcp::Group::"a/y", Mcp::Group::"b\\u{2f}x"] };',
  eve: 'forbid(principal, action, resource) when { principal == Mcp::User::"usr_eve" };',
  drop: 'forbid(principal, action, resource is Mcp::Tool) unless { resource.name != "drop" || principal in Mcp::Group::"a/ops" };',
};
const COMPILED = { ...NO_POLICIES, revision: 'r', texts: TEXTS };
loadPolicies('decision-cache', TEXTS);
const decideFresh = (input: PolicyInput): Decision => evaluate('decision-cache', COMPILED, input);

const keyOf = (texts: Readonly<Record<string, string>>) => decisionKey(Object.values(traitsOf(texts)));
const NOTHING_READ = keyOf({});

test('what policies name is found wherever it stands, by the name that Cedar compares', () => {
  const traits = Object.values(traitsOf(TEXTS));
  const [people, groups] = [traits.flatMap((one) => one.people), traits.flatMap((one) => one.groups)];
  expect([people, [...new Set(groups)].toSorted()]).toEqual([['usr_eve'], ['a/ops', 'a/x', 'a/y', 'b/x']]);
});

test('nobody gets a decision that was made for somebody else', () => {
  const cache = new DecisionCache(keyOf(TEXTS), decideFresh);
  const outcomes = [...INPUTS, ...INPUTS.toReversed()].map((input) => {
    const decision = cache.decide(input);
    expect({ input, decision }).toEqual({ input, decision: decideFresh(input) });
    return decision.outcome;
  });
  expect([outcomes.length, outcomes.filter((outcome) => outcome === 'allow').length]).toEqual([504, 76]);
});

test('people whom the policies do not tell apart share a decision, and each is evaluated once', () => {
  const asked: PolicyInput[] = [];
  const cache = new DecisionCache(keyOf(TEXTS), (input) => {
    asked.push(input);
    return decideFresh(input);
  });
  const target = { kind: 'tool', name: 'get', effect: 'read' } as const;
  cache.decide(inputOf({ person: { id: 'usr_bob', groups: ['a/x', 'a/unnamed'] }, server: 'crm', target }));
  cache.decide(inputOf({ person: { id: 'usr_carol', groups: ['c/x', 'a/x'] }, server: 'crm', target }));
  expect(asked).toHaveLength(1);
  cache.decide(inputOf({ person: { id: 'usr_eve', groups: ['a/x'] }, server: 'crm', target }));
  expect(asked).toHaveLength(2);
});

test('names that would run into each other are told apart', () => {
  const seen = new Set<string>();
  const cache = new DecisionCache(keyOf(NAMES), (input) => {
    seen.add(JSON.stringify(input));
    return decideFresh(input);
  });
  const target = { kind: 'prompt', name: 'x' } as const;
  for (const groups of [['a', 'b'], ['a","b']])
    cache.decide(inputOf({ person: { id: 'p', groups }, server: 's', target }));
  for (const server of ['s"', 's\\', 's\ud800', 's\udfff'])
    cache.decide(inputOf({ person: { id: 'p', groups: [] }, server, target }));
  expect(seen.size).toBe(6);
});

test('a failure is never remembered', () => {
  let failed = true;
  const cache = new DecisionCache(NOTHING_READ, (input) => ({
    ...decideFresh(input),
    failed,
  }));
  const input = inputOf({ person: { id: 'p', groups: [] }, server: 's', target: { kind: 'prompt', name: 'x' } });
  expect(cache.decide(input).failed).toBe(true);
  failed = false;
  expect(cache.decide(input).failed).toBe(false);
});

test('it holds so many and no more, and nothing that is long', () => {
  let evaluated = 0;
  const count = (input: PolicyInput): Decision => {
    evaluated += 1;
    return decideFresh(input);
  };
  const cache = new DecisionCache(NOTHING_READ, count, 2);
  const ask = (name: string): number => {
    cache.decide(inputOf({ person: { id: 'p', groups: [] }, server: 's', target: { kind: 'resource', name } }));
    return evaluated;
  };
  expect(['a', 'b', 'a', 'b', 'c', 'b', 'a'].map(ask)).toEqual([1, 2, 2, 2, 3, 3, 4]);
  expect(['x'.repeat(1_000), 'x'.repeat(1_000)].map(ask)).toEqual([5, 6]);
});

const NAMES = {
  names: String.raw`permit(principal, action, resource) when { principal in [Mcp::Group::"a", Mcp::Group::"b", Mcp::Group::"a\",\"b"] };`,
};
const GROUPS = [[], ['a/x'], ['a/y'], ['b/x'], ['a/ops', 'a/y'], ['x'], ['a/x', 'b/x', 'c/z']];
const TARGETS = [
  { kind: 'tool', name: 'get', effect: 'read' },
  { kind: 'tool', name: 'get', effect: 'write' },
  { kind: 'tool', name: 'drop', effect: 'read' },
  { kind: 'resource', name: 'drop' },
  { kind: 'prompt', name: 'drop' },
  { kind: 'method', name: 'drop' },
] as const;
const INPUTS: PolicyInput[] = ['crm', 'wiki'].flatMap((server) =>
  ['usr_eve', 'usr_bob', 'usr_alice'].flatMap((id) =>
    GROUPS.flatMap((groups) => TARGETS.map((target) => inputOf({ person: { id, groups }, server, target }))),
  ),
);

const SOMEBODY = inputOf({
  person: { id: 'usr_bob', groups: ['a/x'] },
  server: 'crm',
  target: { kind: 'tool', name: 'get', effect: 'read' },
});
const when = (condition: string, head = 'principal, action, resource') => ({
  p: `permit(${head}) when { ${condition} };`,
});

test.each([
  'context.session.now > datetime("2026-01-01")',
  'context.session has signInAge && context.session.signInAge < duration("5m")',
  'context.args.amount > 5',
  'context.paths.target like "/srv/*"',
  'context.session == context.session',
  'context has args',
  'context.session.tomorrow',
])('what reads %s is decided every time', (condition) => {
  expect(keyOf(when(condition))(SOMEBODY)).toBeUndefined();
});

test('what cannot be read may read anything', () => {
  expect(keyOf({ broken: 'permit(' })(SOMEBODY)).toBeUndefined();
});

test('where nobody calls yet, what reads arguments is remembered', () => {
  const key = keyOf(when('context.args.amount > 5'));
  expect(key({ ...SOMEBODY, args: undefined })).toBeTypeOf('string');
  expect(keyOf(when('context.session.now > datetime("2026-01-01")'))({ ...SOMEBODY, args: undefined })).toBeUndefined();
});

const OTHER_CONTEXTS = {
  ip: { address: '10.9.9.9' },
  acr: { acr: 'phr' },
  amr: { amr: ['hwk'] },
  device: { device: 'laptop' },
  managedDevice: { managedDevice: true },
  agentDepth: { agents: ['agent'] },
  agents: { agents: ['agent'] },
  client: { client: 'other' },
  claimedClient: { claimedClient: 'other' },
  kind: { sessionKind: 'service' },
} as const;

test.each(Object.entries(OTHER_CONTEXTS))(
  'session.%s tells decisions apart where it is read, and only there',
  (name, change) => {
    const other = { ...SOMEBODY, context: { ...SOMEBODY.context, ...change } };
    const reading = keyOf(when(`context.session.${name} == context.session.${name}`));
    expect(reading(other)).not.toBe(reading(SOMEBODY));
    expect(NOTHING_READ(other)).toBe(NOTHING_READ(SOMEBODY));
  },
);

test('networks, grants, reviews, effects and labels tell decisions apart', () => {
  const reading = keyOf(when('context.session.networks.contains("office")'));
  expect(reading({ ...SOMEBODY, networks: ['office'] })).not.toBe(reading(SOMEBODY));
  const tool = { kind: 'tool', name: 'get', effect: 'read', labels: [], reviewed: true } as const;
  const changes: Partial<PolicyInput>[] = [
    { grant: { id: 'gra_1', kind: 'grant' } },
    { grant: { id: 'gra_2', kind: 'grant' } },
    { grant: { id: 'gra_1', kind: 'break-glass' } },
    { target: { ...tool, reviewed: false } },
    { target: { ...tool, effect: 'write' } },
    { target: { ...tool, labels: ['pii'] } },
    { serverLabels: ['prod'] },
    {},
  ];
  expect(new Set(changes.map((change) => NOTHING_READ({ ...SOMEBODY, ...change }))).size).toBe(changes.length);
});

test('only a policy whose scope can match has a say in what is read', () => {
  const now = 'context.session.now > datetime("2026-01-01")';
  const keysOf = (head: string) => {
    const key = keyOf(when(now, head));
    const tool = (name: string, effect: 'read' | 'destroy') =>
      key({ ...SOMEBODY, target: { kind: 'tool', name, effect, labels: [], reviewed: true } }) === undefined;
    return [
      tool('get', 'read'),
      tool('drop', 'destroy'),
      key({ ...SOMEBODY, target: { kind: 'prompt', name: 'x' } }) === undefined,
    ];
  };
  expect(keysOf('principal, action, resource')).toEqual([true, true, true]);
  expect(keysOf('principal, action in Mcp::Action::"destroy", resource')).toEqual([false, true, false]);
  expect(keysOf('principal, action in Mcp::Action::"call", resource')).toEqual([true, true, false]);
  expect(keysOf('principal, action in [Mcp::Action::"read", Mcp::Action::"crm/drop"], resource')).toEqual([
    true,
    true,
    true,
  ]);
  expect(keysOf('principal, action in [Mcp::Action::"crm/drop", Mcp::Action::"crm/x"], resource')).toEqual([
    false,
    true,
    false,
  ]);
  expect(keysOf('principal, action == Mcp::Action::"prompt/get", resource')).toEqual([false, false, true]);
  expect(keysOf('principal, action, resource is Mcp::Tool')).toEqual([true, true, false]);
  expect(keysOf('principal, action, resource is Mcp::Tool in Mcp::Label::"pii"')).toEqual([true, true, false]);
});
