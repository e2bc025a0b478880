import { expect, test } from 'vitest';
import { inputOf } from './testing/inputs.js';
import type { PolicyInput } from './decision.js';
import { evaluate, loadPolicies, NO_POLICIES } from './evaluate/evaluate.js';
import { sliceByServer } from './slices.js';

const TEXTS = {
  'crm-in': 'permit(principal in Mcp::Group::"a/x", action in Mcp::Action::"read", resource in Mcp::Server::"crm");',
  'crm-tool': 'permit(principal, action, resource == Mcp::Tool::"crm/get");',
  'crm-is-in':
    'forbid(principal, action, resource is Mcp::Tool in Mcp::Server::"crm") when { resource.name == "drop" };',
  'wiki-in': 'permit(principal, action, resource in Mcp::Server::"wiki");',
  'wiki-page': 'forbid(principal, action, resource == Mcp::Resource::"wiki/page://secret");',
  anywhere: 'forbid(principal == Mcp::User::"usr_eve", action, resource);',
  tools: 'permit(principal in Mcp::Group::"a/ops", action, resource is Mcp::Tool);',
  action: 'permit(principal in Mcp::Group::"a/y", action == Mcp::Action::"crm/put", resource);',
  condition:
    'forbid(principal, action, resource) when { resource in Mcp::Server::"wiki" && principal in Mcp::Group::"a/y" };',
};

test('a slice holds what names its server, and everything that names none', () => {
  const { servers, others } = sliceByServer(TEXTS);
  const general = ['anywhere', 'tools', 'condition'];
  expect([...servers.keys()]).toEqual(['crm', 'wiki']);
  expect(Object.keys(servers.get('crm') ?? {})).toEqual([...general, 'crm-in', 'crm-tool', 'crm-is-in', 'action']);
  expect(Object.keys(servers.get('wiki') ?? {})).toEqual([...general, 'wiki-in', 'wiki-page']);
  expect(Object.keys(others)).toEqual(general);
});

test('what Cedar cannot read is in every slice, where it denies', () => {
  const { servers, others } = sliceByServer({ broken: 'permit(principal, action, resource in Mcp::Server::"crm"' });
  expect([[...servers.keys()], Object.keys(others)]).toEqual([[], ['broken']]);
});

test('every decision by a slice is the decision by all policies', () => {
  const { servers, others } = sliceByServer(TEXTS);
  const compiled = { ...NO_POLICIES, revision: 'r', texts: TEXTS };
  loadPolicies('slices:all', TEXTS);
  loadPolicies('slices:others', others);
  for (const [server, texts] of servers) loadPolicies(`slices:${server}`, texts);
  const outcomes = inputs().map((input) => {
    const slot = servers.has(input.server) ? `slices:${input.server}` : 'slices:others';
    const decision = evaluate(slot, compiled, input);
    expect({ input, decision }).toEqual({ input, decision: evaluate('slices:all', compiled, input) });
    return decision.outcome;
  });
  expect([outcomes.length, outcomes.filter((outcome) => outcome === 'allow').length]).toEqual([192, 31]);
});

function inputs(): PolicyInput[] {
  const people = ['usr_eve', 'usr_bob'].flatMap((id) =>
    [[], ['a/x'], ['a/y'], ['a/ops', 'a/x']].map((groups) => ({ id, groups })),
  );
  const targets = [
    { kind: 'tool', name: 'get', effect: 'read' },
    { kind: 'tool', name: 'put', effect: 'write' },
    { kind: 'tool', name: 'drop', effect: 'read' },
    { kind: 'resource', name: 'page://secret' },
    { kind: 'prompt', name: 'get' },
    { kind: 'tool', name: 'wiki/get', effect: 'read' },
  ] as const;
  return ['crm', 'wiki', 'hr', 'crm-2'].flatMap((server) =>
    people.flatMap((person) => targets.map((target) => inputOf({ person, server, target }))),
  );
}
