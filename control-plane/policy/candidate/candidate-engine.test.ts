import { afterAll, beforeAll, expect, test } from 'vitest';
import { settingsSchema } from '../../config/settings.js';
import { NO_DEFINITIONS } from '../definitions/known-definitions.js';
import { recordInput } from '../recorded-input.js';
import { definitionsOf } from '../testing/decide-by.js';
import { inputOf } from '../testing/inputs.js';
import { CandidateEngine } from './candidate-engine.js';

const SETTINGS = settingsSchema.parse({
  publicUrl: 'https://mcp.acme.example',
  identity: { providers: { okta: { issuer: 'https://acme.okta.example', clientId: 'c', clientSecret: 'env:S' } } },
  servers: {
    crm: {
      url: 'https://crm.example/mcp',
      tools: { list: { effect: 'read' }, save: { effect: 'write' } },
    },
    files: { url: 'https://files.example/mcp' },
  },
});
const POLICIES = `
@id("sales-reads-crm") @reason("Sales may look customers up.")
permit(principal in Mcp::Group::"okta/sales", action in Mcp::Action::"read", resource in Mcp::Server::"crm");

@id("engineering-uses-crm") @reason("Engineering works with customers.")
permit(principal in Mcp::Group::"okta/engineering", action in Mcp::Action::"call", resource in Mcp::Server::"crm");

@id("public-notes") @reason("Public notes are for all.")
permit(principal, action == Mcp::Action::"resource/read", resource in Mcp::Server::"crm")
when { resource.uri like "note:*" && resource.uri like "*/public" };

@id("no-secrets") @reason("Secrets stay closed.")
forbid(principal, action == Mcp::Action::"resource/read", resource) when { resource.uri like "secret:*" };
`;

// A thread takes a while to start, so all of these ask the same one.
let engine: CandidateEngine;
beforeAll(async () => {
  engine = await start(POLICIES);
});
afterAll(() => engine[Symbol.asyncDispose]());

function start(text: string, known = NO_DEFINITIONS): Promise<CandidateEngine> {
  return CandidateEngine.start({ files: [{ file: 'policies/crm.cedar', text }], settings: SETTINGS, known });
}

const BOB = { id: 'usr_bob', groups: ['okta/sales'] };

function call(group: string, name: string, kind: 'tool' | 'resource' = 'tool', server = 'crm'): string {
  const effect = kind === 'tool' ? { effect: 'read' as const } : {};
  const person = { id: 'usr_bob', groups: [`okta/${group}`] };
  return recordInput(inputOf({ person, server, target: { kind, name, ...effect } }), [], [])!;
}

test('recorded calls are decided by the candidate, under the effects of its settings', async () => {
  const calls = [
    call('sales', 'list'),
    // Recorded as a reading tool; it is a writing one now.
    call('sales', 'save'),
    call('engineering', 'save'),
    call('sales', 'list', 'tool', 'gone'),
    'rubbish',
    call('sales', 'secret:1', 'resource'),
  ];
  expect(await engine.decide(calls)).toEqual([
    { kind: 'decided', outcome: 'allow', policies: ['sales-reads-crm'] },
    { kind: 'decided', outcome: 'deny', policies: [] },
    { kind: 'decided', outcome: 'allow', policies: ['engineering-uses-crm'] },
    { kind: 'decided', outcome: 'deny', policies: [] },
    { kind: 'unknown', why: 'unreadable' },
    { kind: 'decided', outcome: 'deny', policies: ['no-secrets'] },
  ]);
});

test('a call that was refused for arguments that nobody could judge is never allowed by what was kept of them', async () => {
  const text = `@id("small") @reason("Small sums.")
permit(principal, action == Mcp::Action::"crm/save", resource) when { context.args has amount && context.args.amount < 500 };`;
  const known = definitionsOf({ save: { amount: { type: 'integer' }, to: { type: 'string' } } });
  await using strict = await start(text, known);
  const target = { kind: 'tool', name: 'save', effect: 'write' } as const;
  // It came with `Amount` too, of which nothing is kept.
  const input = inputOf({ person: BOB, server: 'crm', target, args: { amount: 5, Amount: 5000 } });
  const kept = (held: boolean, reads: string[][] = [['amount']]) => recordInput(input, [], reads, held)!;
  const denied = { kind: 'decided', outcome: 'deny', policies: [] };
  const unknown = { kind: 'unknown', why: 'arguments' };
  expect(await strict.decide([kept(false), kept(true), kept(true, [['amount'], ['to']]), kept(true, [])])).toEqual([
    { kind: 'decided', outcome: 'allow', policies: ['small'] },
    denied,
    unknown,
    unknown,
  ]);
  expect(await strict.explain(kept(true))).toMatchObject({ outcome: 'deny', policies: [], shown: [], nearest: [] });
  // Without a policy that reads arguments there is nothing to judge.
  expect(await engine.decide([kept(true)])).toEqual([denied]);
});

test('hostile records are unreadable, or decided as data; none breaks the engine', async () => {
  const whole = JSON.parse(call('sales', 'list')) as Record<string, unknown>;
  const changed = (more: object) => JSON.stringify({ ...whole, ...more });
  const injected = { __entity: { type: 'Mcp::Group', id: 'okta/sales' } };
  const hostile = [
    changed({ groups: [injected] }),
    changed({ person: injected }),
    changed({ server: '__proto__' }),
    changed({ server: 'constructor' }),
    changed({ reads: 'amount' }),
    changed({ unjudged: false }),
    changed({ groups: ['okta/other', '"] || true'] }),
    changed({ args: { ['__proto__']: 1, deep: '['.repeat(5000) } }),
    changed({ readings: ['\u0000', '\ud800'] }),
    '['.repeat(100_000),
    `{"v":1${' '.repeat(2_000_001)}}`,
  ];
  const unreadable = { kind: 'unknown', why: 'unreadable' };
  const denied = { kind: 'decided', outcome: 'deny', policies: [] };
  const allowed = { kind: 'decided', outcome: 'allow', policies: ['sales-reads-crm'] };
  expect(await engine.decide(hostile)).toEqual([
    unreadable,
    unreadable,
    denied,
    denied,
    unreadable,
    unreadable,
    denied,
    allowed,
    { kind: 'unknown', why: 'failed' },
    unreadable,
    unreadable,
  ]);
  expect(await engine.decide([call('sales', 'list')])).toEqual([allowed]);
});

test('a default denial names the nearest permits and what each lacks', async () => {
  const sentences = async (text: string) => (await engine.explain(text))?.nearest.map(({ sentence }) => sentence);
  expect(await sentences(call('contractors', 'list'))).toEqual([
    'would be permitted by sales-reads-crm if principal were in okta/sales',
    'would be permitted by engineering-uses-crm if principal were in okta/engineering',
    expect.stringContaining('public-notes'),
  ]);
  expect((await sentences(call('sales', 'note:7', 'resource')))?.[0]).toBe(
    'would be permitted by public-notes if resource.uri like "*/public"',
  );
  const { policy } = (await engine.explain(call('contractors', 'list')))!.nearest[0]!;
  expect(policy).toMatchObject({ id: 'sales-reads-crm', effect: 'permit', file: 'policies/crm.cedar', line: 2 });
  expect(policy.text).toContain('permit(principal in Mcp::Group::"okta/sales"');
});

test('a decision is explained by the policies that made it', async () => {
  expect(await engine.explain(call('sales', 'secret:1', 'resource'))).toMatchObject({
    outcome: 'deny',
    reason: 'Secrets stay closed.',
    policies: ['no-secrets'],
    shown: [{ id: 'no-secrets', effect: 'forbid', line: 12 }],
    nearest: [],
  });
  expect(await engine.explain('rubbish')).toBeUndefined();
});

test('faults of a candidate are named, and nothing is left running', async () => {
  await expect(start('permit(principal, action, resource in Mcp::Server::"nowhere");')).rejects.toMatchObject({
    code: 'config_invalid',
    message: expect.stringContaining('policies/crm.cedar:1') as string,
  });
});

test('an engine that was ended answers nothing more', async () => {
  await engine[Symbol.asyncDispose]();
  await expect(engine.decide([call('sales', 'list')])).rejects.toMatchObject({ code: 'policy_failed' });
});
