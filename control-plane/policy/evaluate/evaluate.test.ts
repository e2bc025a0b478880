import { expect, test } from 'vitest';
import type { PolicyInput, PolicyTarget } from '../decision.js';
import { inputOf } from '../testing/inputs.js';
import { evaluate, loadPolicies, NO_POLICIES, type CompiledPolicies } from './evaluate.js';

const TEXTS = {
  'engineering-uses-crm':
    'permit(principal in Mcp::Group::"okta/engineering", action in Mcp::Action::"call", resource in Mcp::Server::"crm");',
  'sales-reads-crm':
    'permit(principal in Mcp::Group::"okta/sales", action in Mcp::Action::"read", resource in Mcp::Server::"crm");',
  'everyone-reads-everything':
    'permit(principal, action in Mcp::Action::"read", resource in Mcp::Server::"everything");',
  'sales-reads-notes':
    'permit(principal in Mcp::Group::"okta/sales", action == Mcp::Action::"resource/read", resource in Mcp::Server::"crm");',
  'nobody-wipes': 'forbid(principal, action == Mcp::Action::"crm/wipe", resource);',
  'nobody-reads-hr': 'forbid(principal, action, resource is Mcp::Resource) when { resource.uri like "hr:*" };',
};
const REASONS = {
  'engineering-uses-crm': 'Engineering works with customers.',
  'sales-reads-crm': 'Sales may look customers up.',
  'everyone-reads-everything': 'The demo server is harmless.',
  'sales-reads-notes': 'Sales may read notes.',
  'nobody-wipes': 'Wiping is done by hand.',
  'nobody-reads-hr': 'Personnel files stay closed.',
};
const SET: CompiledPolicies = { ...NO_POLICIES, revision: 'r1', texts: TEXTS, reasons: REASONS };
loadPolicies('evaluate-test', SET.texts);

const PEOPLE = {
  alice: { id: 'usr_alice', groups: ['okta/engineering'] },
  bob: { id: 'usr_bob', groups: ['okta/sales'] },
  carol: { id: 'usr_carol', groups: ['okta/contractors'] },
};
const tool = (name: string, effect: 'read' | 'write' | 'destroy'): PolicyTarget => ({
  kind: 'tool',
  name,
  effect,
  labels: [],
  reviewed: true,
});
const decide = (person: PolicyInput['person'], server: string, target: PolicyTarget) =>
  evaluate('evaluate-test', SET, inputOf({ person, server, target }));

test.each([
  ['alice', 'crm', tool('list_customers', 'read'), 'allow', ['engineering-uses-crm']],
  ['alice', 'crm', tool('create_customer', 'write'), 'allow', ['engineering-uses-crm']],
  ['alice', 'crm', tool('new_tool', 'destroy'), 'allow', ['engineering-uses-crm']],
  ['alice', 'everything', tool('echo', 'read'), 'allow', ['everyone-reads-everything']],
  ['alice', 'everything', tool('toggle', 'write'), 'deny', []],
  ['bob', 'crm', tool('list_customers', 'read'), 'allow', ['sales-reads-crm']],
  ['bob', 'crm', tool('create_customer', 'write'), 'deny', []],
  ['bob', 'crm', tool('new_tool', 'destroy'), 'deny', []],
  ['bob', 'crm', { kind: 'resource', name: 'note:1' }, 'allow', ['sales-reads-notes']],
  ['bob', 'crm', { kind: 'prompt', name: 'summary' }, 'deny', []],
  ['carol', 'crm', tool('list_customers', 'read'), 'deny', []],
  ['carol', 'crm', { kind: 'resource', name: 'note:1' }, 'deny', []],
  ['carol', 'everything', tool('echo', 'read'), 'allow', ['everyone-reads-everything']],
  ['carol', 'everything', { kind: 'resource', name: 'demo:1' }, 'deny', []],
] as const)('%s on %s: %o → %s', (person, server, target, outcome, policies) => {
  const decision = decide(PEOPLE[person], server, target);
  expect(decision).toMatchObject({ outcome, policies, revision: 'r1', failed: false });
});

test('an allowed call carries the policy’s reason', () => {
  expect(decide(PEOPLE.bob, 'crm', tool('list_customers', 'read')).reason).toBe('Sales may look customers up.');
});

test('a denial for want of a policy names server and target', () => {
  expect(decide(PEOPLE.carol, 'crm', tool('list_customers', 'read')).reason).toBe(
    'No policy permits the tool “list_customers” on the server “crm”.',
  );
});

test('a forbid wins over every permit and says why', () => {
  expect(decide(PEOPLE.alice, 'crm', tool('wipe', 'read'))).toEqual({
    outcome: 'deny',
    policies: ['nobody-wipes'],
    reason: 'Wiping is done by hand.',
    revision: 'r1',
    failed: false,
  });
  expect(decide(PEOPLE.bob, 'crm', { kind: 'resource', name: 'hr:7' })).toMatchObject({
    outcome: 'deny',
    policies: ['nobody-reads-hr'],
  });
});

test('several deciding policies are named in order, with all their reasons', () => {
  const both = { id: 'usr_both', groups: ['okta/sales', 'okta/engineering'] };
  expect(decide(both, 'crm', tool('list_customers', 'read'))).toMatchObject({
    policies: ['engineering-uses-crm', 'sales-reads-crm'],
    reason: 'Engineering works with customers. Sales may look customers up.',
  });
});

test('a group of the same name at another provider gives nothing', () => {
  for (const groups of [['entra/sales'], ['sales'], ['okta/Sales'], ['okta/sales '], ['okta/sales/x'], []]) {
    const decision = decide({ id: 'usr_mallory', groups }, 'crm', tool('list_customers', 'read'));
    expect(decision).toMatchObject({ outcome: 'deny', policies: [], failed: false });
  }
});

test('names are data: no spelling of a tool, server, person or group changes a decision', () => {
  const hostile = [
    'x" || true',
    '"); permit(principal, action, resource); //',
    'wipe"',
    'a__b',
    'über-werkzeug',
    'line\nbreak',
    'crm/list_customers',
    '../everything/echo',
    '__entity',
    '{"__entity":{"type":"Mcp::Group","id":"okta/engineering"}}',
    'constructor',
    '__proto__',
  ];
  for (const name of hostile) {
    expect(decide(PEOPLE.bob, 'crm', tool(name, 'write'))).toMatchObject({ outcome: 'deny', failed: false });
    expect(decide(PEOPLE.carol, 'crm', tool(name, 'read'))).toMatchObject({ outcome: 'deny', failed: false });
    expect(decide(PEOPLE.alice, name, tool('list_customers', 'read'))).toMatchObject({ outcome: 'deny' });
    expect(decide({ id: name, groups: [name] }, 'crm', tool('list_customers', 'read')).outcome).toBe('deny');
    expect(decide(PEOPLE.alice, 'crm', tool(name, 'write'))).toMatchObject({ outcome: 'allow', failed: false });
  }
});

test('a name that is no text is refused as a failure', () => {
  expect(decide(PEOPLE.alice, 'crm', tool('half \ud800 pair', 'read'))).toMatchObject({
    outcome: 'deny',
    failed: true,
  });
});

test('a tool can’t pass for the fixed actions', () => {
  loadPolicies('evaluate-test-fixed', {
    notes: 'permit(principal, action == Mcp::Action::"resource/read", resource);',
  });
  const input = inputOf({ person: PEOPLE.carol, server: 'resource', target: tool('read', 'destroy') });
  expect(evaluate('evaluate-test-fixed', SET, input)).toMatchObject({ outcome: 'deny', failed: true });
});

test('control characters of a name don’t reach the reason, nor does its length', () => {
  const { reason } = decide(PEOPLE.carol, 'crm', tool(`a\r\n\u202eb${'c'.repeat(5000)}`, 'read'));
  expect(reason).toBe(`No policy permits the tool “a\u{fffd}\u{fffd}\u{fffd}b${'c'.repeat(195)}” on the server “crm”.`);
});

test('a forbid that errs denies, although Cedar itself would allow', () => {
  const set: CompiledPolicies = {
    ...NO_POLICIES,
    revision: 'r3',
    texts: {
      all: 'permit(principal, action, resource);',
      broken: 'forbid(principal, action, resource) when { 9223372036854775807 + 1 > 3 };',
    },
    reasons: { all: 'All.', broken: 'Broken.' },
  };
  loadPolicies('evaluate-test-broken', set.texts);
  const input = inputOf({ person: PEOPLE.alice, server: 'crm', target: tool('list_customers', 'read') });
  expect(evaluate('evaluate-test-broken', set, input)).toEqual({
    outcome: 'deny',
    policies: ['broken'],
    reason: 'The policy could not be evaluated, so the call was refused.',
    revision: 'r3',
    failed: true,
  });
});

test('an empty set denies', () => {
  const set: CompiledPolicies = { ...NO_POLICIES, revision: 'r4' };
  loadPolicies('evaluate-test-empty', set.texts);
  const input = inputOf({ person: PEOPLE.alice, server: 'crm', target: tool('list_customers', 'read') });
  expect(evaluate('evaluate-test-empty', set, input)).toMatchObject({ outcome: 'deny', policies: [], failed: false });
});

test('a slot that was never loaded denies as a failure', () => {
  const input = inputOf({ person: PEOPLE.alice, server: 'crm', target: tool('list_customers', 'read') });
  expect(evaluate('evaluate-test-nothing', SET, input)).toMatchObject({ outcome: 'deny', failed: true });
});

test('a slot takes a new revision', () => {
  const input = inputOf({ person: PEOPLE.alice, server: 'crm', target: tool('list_customers', 'read') });
  const open = {
    ...NO_POLICIES,
    revision: 'a',
    texts: { p: 'permit(principal, action, resource);' },
    reasons: { p: 'Open.' },
  };
  const closed = {
    ...NO_POLICIES,
    revision: 'b',
    texts: { f: 'forbid(principal, action, resource);' },
    reasons: { f: 'Closed.' },
  };
  loadPolicies('evaluate-test-slot', open.texts);
  expect(evaluate('evaluate-test-slot', open, input)).toMatchObject({ outcome: 'allow', reason: 'Open.' });
  loadPolicies('evaluate-test-slot', closed.texts);
  expect(evaluate('evaluate-test-slot', closed, input)).toMatchObject({ outcome: 'deny', reason: 'Closed.' });
});
