import { expect, test } from 'vitest';
import { inputOf } from './testing/inputs.js';
import { DecisionCache } from './decision-cache.js';
import type { Decision, PolicyInput } from './decision.js';
import { evaluate, loadPolicies, NO_POLICIES } from './evaluate/evaluate.js';
import { namedPrincipals } from './named-principals.js';

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

test('what policies name is found wherever it stands, by the name that Cedar compares', () => {
  const { people, groups } = namedPrincipals(TEXTS);
  expect([[...people], [...groups].toSorted()]).toEqual([['usr_eve'], ['a/ops', 'a/x', 'a/y', 'b/x']]);
});

test('nobody gets a decision that was made for somebody else', () => {
  const cache = new DecisionCache(namedPrincipals(TEXTS), decideFresh);
  const outcomes = [...INPUTS, ...INPUTS.toReversed()].map((input) => {
    const decision = cache.decide(input);
    expect({ input, decision }).toEqual({ input, decision: decideFresh(input) });
    return decision.outcome;
  });
  expect([outcomes.length, outcomes.filter((outcome) => outcome === 'allow').length]).toEqual([504, 76]);
});

test('people whom the policies do not tell apart share a decision, and each is evaluated once', () => {
  const asked: PolicyInput[] = [];
  const cache = new DecisionCache(namedPrincipals(TEXTS), (input) => {
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
  const cache = new DecisionCache({ people: new Set(), groups: new Set(['a', 'b', 'a","b']) }, (input) => {
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
  const cache = new DecisionCache({ people: new Set(), groups: new Set() }, (input) => ({
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
  const cache = new DecisionCache({ people: new Set(), groups: new Set() }, count, 2);
  const ask = (name: string): number => {
    cache.decide(inputOf({ person: { id: 'p', groups: [] }, server: 's', target: { kind: 'resource', name } }));
    return evaluated;
  };
  expect(['a', 'b', 'a', 'b', 'c', 'b', 'a'].map(ask)).toEqual([1, 2, 2, 2, 3, 3, 4]);
  expect(['x'.repeat(1_000), 'x'.repeat(1_000)].map(ask)).toEqual([5, 6]);
});

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
