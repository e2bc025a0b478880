import * as fc from 'fast-check';
import type { JsonObject } from '#shared/mcp/json-rpc.js';
import type { KnownDefinitions } from '../../definitions/known-definitions.js';
import type { PolicyInput, PolicyTarget } from '../../decision.js';

const ARGUMENTS = { type: 'object', properties: { amount: { type: 'integer' }, path: { type: 'string' } } };
export const DEFINITIONS: KnownDefinitions = new Map([
  ['crm', new Map([['pay', { inputSchema: ARGUMENTS }]])],
  ['wiki', new Map([['edit', { inputSchema: ARGUMENTS }]])],
]);

/** As the settings would say it. */
export const SERVERS = {
  crm: {
    labels: ['prod'],
    tools: { get: { effect: 'read', labels: ['pii'] }, pay: { effect: 'write' }, drop: { effect: 'destroy' } },
  },
  wiki: { labels: [], tools: { get: { effect: 'read' }, edit: { effect: 'write', labels: ['prod'] } } },
  hr: { labels: [], tools: {} },
} as const;

const LABELS: Readonly<Record<string, readonly string[]>> = { 'crm/get': ['pii'], 'wiki/edit': ['prod'] };
const EFFECTS: Readonly<Record<string, 'read' | 'write'>> = {
  'crm/get': 'read',
  'crm/pay': 'write',
  'wiki/get': 'read',
  'wiki/edit': 'write',
};

const target = fc.constantFrom<readonly [server: string, PolicyTarget]>(
  ...['crm/get', 'crm/get', 'crm/pay', 'crm/pay', 'crm/drop', 'wiki/get', 'wiki/edit', 'wiki/edit', 'hr/fire'].flatMap(
    (id) =>
      [true, true, true, false].map((reviewed) => {
        const [server = '', name = ''] = id.split('/');
        return [
          server,
          { kind: 'tool', name, effect: EFFECTS[id] ?? 'destroy', labels: LABELS[id] ?? [], reviewed },
        ] as const;
      }),
  ),
  ...['crm', 'wiki', 'hr'].flatMap((server) =>
    (['resource', 'prompt', 'method'] as const).map((kind) => [server, { kind, name: 'page:1' }] as const),
  ),
);

const args: fc.Arbitrary<JsonObject | undefined> = fc.option(
  fc.record({ amount: fc.constantFrom(5, 500), path: fc.constantFrom('/srv/a', '/etc/b') }, { requiredKeys: [] }),
  { nil: undefined, freq: 2 },
);

/** Whatever a call can be made of, well typed. */
const drawnInput: fc.Arbitrary<PolicyInput> = fc
  .record({
    id: fc.constantFrom('usr_eve', 'usr_bob', 'usr_ann'),
    groups: fc.subarray(['okta/x', 'okta/y', 'okta/z', 'okta/unnamed']),
    target,
    networks: fc.subarray(['office', 'vpn']),
    grant: fc.constantFrom(
      undefined,
      undefined,
      { id: 'gra_1', kind: 'grant' as const },
      { id: 'gra_2', kind: 'break-glass' as const },
    ),
    args,
    context: fc.record({
      now: fc.constantFrom(Date.parse('2026-03-01'), Date.parse('2026-11-24')),
      address: fc.constantFrom('10.1.2.3', '192.0.2.7'),
      acr: fc.constantFrom(null, 'phr'),
      amr: fc.subarray(['hwk', 'pwd']),
      signedInAt: fc.constantFrom(0, Date.parse('2026-03-01') - 60_000, Date.parse('2026-11-24') - 600_000),
      sessionKind: fc.constantFrom('person' as const, 'service' as const),
      client: fc.constantFrom('bridge', 'other'),
      claimedClient: fc.constantFrom(null, 'Claude Code'),
      device: fc.constantFrom(null, 'laptop'),
      managedDevice: fc.boolean(),
      agents: fc.subarray(['agent-1', 'agent-2']),
    }),
  })
  .map(({ id, groups, target: [server, about], networks, grant, args: given, context }) => ({
    person: { id, groups },
    server,
    target: about,
    serverLabels: server === 'crm' ? ['prod'] : [],
    networks,
    grant,
    args: given,
    context,
  }));

const CONTEXT_FIELDS = [
  'now',
  'address',
  'acr',
  'amr',
  'signedInAt',
  'sessionKind',
  'client',
  'claimedClient',
  'device',
  'managedDevice',
  'agents',
] as const;
const variation = fc.record({
  other: drawnInput,
  field: fc.constantFrom('person', 'networks', 'grant', 'args', 'target', ...CONTEXT_FIELDS),
});

/** An input and nine that differ from it in one thing: what a memory that forgets a thing mistakes for each other. */
export const drawnInputs: fc.Arbitrary<readonly PolicyInput[]> = fc
  .tuple(drawnInput, fc.array(variation, { minLength: 9, maxLength: 9 }))
  .map(([first, variations]) => [first].concat(variations.map(({ other, field }) => varied(first, other, field))));

function varied(input: PolicyInput, other: PolicyInput, field: string): PolicyInput {
  const { server, serverLabels, target: about, person, networks, grant, args: given, context } = other;
  if (field === 'target') return { ...input, server, serverLabels, target: about };
  const whole = { person, networks, grant, args: given };
  if (Object.hasOwn(whole, field)) return Object.assign({ ...input }, { [field]: whole[field as keyof typeof whole] });
  return {
    ...input,
    context: Object.assign({ ...input.context }, { [field]: context[field as keyof typeof context] }),
  };
}
