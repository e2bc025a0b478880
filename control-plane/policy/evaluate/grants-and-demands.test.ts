import { expect, test } from 'vitest';
import type { GrantUse } from '../decision.js';
import { deciderOf, named } from '../testing/decide-by.js';
import { CONTEXT } from '../testing/inputs.js';

const GRANT: GrantUse = { id: 'gra_1', kind: 'grant' };
const BREAK_GLASS: GrantUse = { id: 'gra_2', kind: 'break-glass' };
const PERMIT = named('p', 'permit(principal in Mcp::Group::"okta/payers", action, resource);');
const FORBID = 'forbid(principal, action in Mcp::Action::"write", resource);';
const bob = { id: 'usr_bob', groups: ['okta/payers'] };
const tool = { kind: 'tool', name: 'pay', effect: 'write', labels: [], reviewed: true } as const;

test('a grant permits what no policy permits, and says so', () => {
  const decide = deciderOf(PERMIT);
  expect(decide({ grant: GRANT })).toEqual({
    outcome: 'allow',
    policies: ['grant'],
    reason: 'Access was granted for some time.',
    revision: expect.any(String),
    failed: false,
    grant: GRANT,
  });
  expect(decide({ grant: undefined }).outcome).toBe('deny');
});

test('a grant is not named where a policy permits anyway', () => {
  expect(deciderOf(PERMIT)({ grant: GRANT, person: bob })).not.toHaveProperty('grant');
});

test('every forbid wins over a grant', () => {
  const decide = deciderOf(PERMIT + named('never', FORBID));
  for (const person of [bob, { id: 'usr_eve', groups: [] }]) {
    expect(decide({ grant: GRANT, person })).toMatchObject({ outcome: 'deny', policies: ['never'] });
  }
});

test('break-glass lifts a forbid, but no locked one', () => {
  const open = deciderOf(PERMIT + named('never', FORBID));
  expect(open({ grant: BREAK_GLASS })).toMatchObject({ outcome: 'allow', policies: ['grant'], grant: BREAK_GLASS });
  const locked = deciderOf(PERMIT + named('never', FORBID) + named('locked', FORBID, '@lock("true")'));
  expect(locked({ grant: BREAK_GLASS })).toMatchObject({ outcome: 'deny', policies: ['locked', 'never'] });
});

test('no grant opens a tool that waits for its reviewer', () => {
  const decision = deciderOf(PERMIT)({ grant: BREAK_GLASS, person: bob, target: { ...tool, reviewed: false } });
  expect(decision).toMatchObject({
    outcome: 'deny',
    policies: [],
    reason:
      'The tool “pay” on the server “crm” is held back: nobody has accepted its definition yet, which is new, changed or not in the list of the server.',
  });
});

test('a permit demands approval, of each policy its own groups', () => {
  const text =
    named('a', 'permit(principal, action, resource);', '@require_approval("okta/leads okta/heads")') +
    named('b', 'permit(principal, action, resource);', '@require_approval("okta/finance") @step_up_max_age("300")') +
    named('c', 'permit(principal, action, resource);');
  expect(deciderOf(text)()).toMatchObject({
    outcome: 'allow',
    policies: ['a', 'b', 'c'],
    approval: {
      groups: [['okta/leads', 'okta/heads'], ['okta/finance']],
      policies: ['a', 'b'],
      reason: 'Because of a. Because of b.',
    },
    stepUp: { maxAge: 300, policies: ['b'] },
  });
});

test('a forbid that demands approval forbids until it is given, and permits nothing itself', () => {
  const guard = named('guard', FORBID, '@require_approval("okta/leads")');
  expect(deciderOf(guard)()).toMatchObject({ outcome: 'deny', policies: [] });
  const decide = deciderOf(guard + PERMIT);
  expect(decide({ person: bob })).toMatchObject({
    outcome: 'allow',
    policies: ['guard', 'p'],
    approval: { groups: [['okta/leads']], policies: ['guard'] },
  });
  expect(decide({ grant: GRANT })).toMatchObject({ policies: ['grant', 'guard'], approval: { policies: ['guard'] } });
  const lifted = decide({ grant: BREAK_GLASS, person: bob });
  expect(lifted).toMatchObject({ outcome: 'allow', policies: ['p'], grant: BREAK_GLASS });
  expect(lifted).not.toHaveProperty('approval');
});

test('a locked demand holds in an emergency too', () => {
  const text =
    PERMIT +
    named('guard', FORBID, '@require_approval("okta/leads") @lock("true")') +
    named('other', FORBID, '@require_approval("okta/heads")');
  for (const person of [bob, { id: 'usr_eve', groups: [] }]) {
    expect(deciderOf(text)({ grant: BREAK_GLASS, person })).toMatchObject({
      outcome: 'allow',
      approval: { groups: [['okta/leads']], policies: ['guard'] },
      grant: BREAK_GLASS,
    });
  }
});

test('an emergency that spares a permitted call nothing is not named', () => {
  const guard = named('guard', FORBID, '@require_approval("okta/leads") @lock("true")');
  const decision = deciderOf(PERMIT + guard)({ grant: BREAK_GLASS, person: bob });
  expect(decision).toMatchObject({ outcome: 'allow', approval: { policies: ['guard'] } });
  expect(decision).not.toHaveProperty('grant');
});

test('a failure among the forbids with demands denies, whatever an emergency would lift', () => {
  const broken = named(
    'broken',
    'forbid(principal, action in Mcp::Action::"write", resource) when { 9223372036854775807 + context.session.agentDepth > 1 };',
    '@require_approval("okta/heads")',
  );
  const decide = deciderOf(PERMIT + broken + named('other', FORBID, '@require_approval("okta/heads")'));
  const context = { ...CONTEXT, agents: ['helper'] };
  expect(decide({ grant: BREAK_GLASS, person: bob, context })).toMatchObject({ outcome: 'deny', failed: true });
});

test('a label stands for the servers and the tools that have it', () => {
  const labels = ['money'];
  const decide = deciderOf(
    named('p', 'permit(principal, action, resource in Mcp::Label::"money");') +
      named('f', 'forbid(principal, action, resource in Mcp::Label::"prod");'),
  );
  expect(decide({ target: { ...tool, labels } })).toMatchObject({ outcome: 'allow', policies: ['p'] });
  expect(decide({ serverLabels: labels })).toMatchObject({ outcome: 'allow', policies: ['p'] });
  expect(decide({ target: { ...tool, labels }, serverLabels: ['prod'] })).toMatchObject({ policies: ['f'] });
  expect(decide({ target: { kind: 'resource', name: 'a:b' }, serverLabels: ['prod'] })).toMatchObject({
    policies: ['f'],
  });
  expect(decide().outcome).toBe('deny');
});
