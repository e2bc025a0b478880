import * as fc from 'fast-check';

/** One condition of a policy: a text, and whether it reads arguments. */
interface Literal {
  readonly text: string;
  readonly args: boolean;
}

/** A policy as it was drawn, so that an oracle need not read its text. */
export interface DrawnPolicy {
  readonly id: string;
  readonly effect: 'permit' | 'forbid';
  readonly head: string;
  readonly clauses: readonly {
    readonly kind: 'when' | 'unless';
    readonly joined: '&&' | '||';
    readonly literals: readonly Literal[];
  }[];
  readonly maxAge: number | undefined;
  readonly acr: string | undefined;
  readonly approvers: string | undefined;
  readonly locked: boolean;
}

/** @param arguments_ what a literal that reads arguments is replaced with; undefined leaves it */
export function textOf(policy: DrawnPolicy, effect = policy.effect, arguments_?: boolean): string {
  const held = policy.effect === 'permit' ? arguments_ : arguments_ === undefined ? undefined : !arguments_;
  const clauses = policy.clauses.map(({ kind, joined, literals }) => {
    const stand = held === undefined ? undefined : String(kind === 'when' ? held : !held);
    const texts = literals.map(({ text, args }) => (args && stand !== undefined ? stand : `(${text})`));
    return `${kind} { ${texts.join(` ${joined} `)} }`;
  });
  return `${annotationsOf(policy)}${effect} (${policy.head})\n${clauses.join('\n')};`;
}

function annotationsOf({ id, maxAge, acr, approvers, locked }: DrawnPolicy): string {
  return [
    `@id("${id}") @reason("Reason of ${id}.")`,
    ...(maxAge === undefined ? [] : [`@step_up_max_age("${maxAge}")`]),
    ...(acr === undefined ? [] : [`@step_up_acr("${acr}")`]),
    ...(approvers === undefined ? [] : [`@require_approval("${approvers}")`]),
    ...(locked ? ['@lock("true")'] : []),
    '',
  ].join('\n');
}

const PRINCIPALS = [
  'principal',
  'principal',
  'principal',
  'principal',
  'principal == Mcp::User::"usr_eve"',
  'principal in Mcp::Group::"okta/x"',
  'principal in Mcp::Group::"okta/y"',
];
const ARGUMENT_ACTIONS = [
  'action == Mcp::Action::"crm/pay"',
  'action in [Mcp::Action::"crm/pay", Mcp::Action::"wiki/edit"]',
];
const ACTIONS = [
  'action',
  'action',
  'action',
  'action',
  ...['call', 'read', 'write', 'destroy'].map((id) => `action in Mcp::Action::"${id}"`),
  'action in [Mcp::Action::"read", Mcp::Action::"crm/drop"]',
  ...['crm/get', 'resource/read', 'prompt/get', 'method/use'].map((id) => `action == Mcp::Action::"${id}"`),
];
const RESOURCES = [
  'resource',
  'resource',
  'resource',
  'resource',
  'resource is Mcp::Tool',
  'resource is Mcp::Resource',
  'resource in Mcp::Server::"crm"',
  'resource in Mcp::Server::"wiki"',
  'resource is Mcp::Tool in Mcp::Server::"crm"',
  'resource in Mcp::Label::"prod"',
  'resource is Mcp::Tool in Mcp::Label::"pii"',
  'resource in Mcp::Label::"unborne"',
  'resource == Mcp::Tool::"crm/get"',
  'resource == Mcp::Resource::"wiki/page:1"',
];
const SESSION = [
  'context.session.now < datetime("2026-06-01")',
  'context.session.ip.isInRange(ip("10.0.0.0/8"))',
  'context.session.networks.contains("office")',
  'context.session has acr && context.session.acr == "phr"',
  'context.session.amr.contains("hwk")',
  'context.session has signInAge && context.session.signInAge < duration("5m")',
  '!(context.session has device) || context.session.device == "laptop"',
  'context.session.managedDevice',
  'context.session.agentDepth > 0',
  'context.session.agents.contains(Mcp::Agent::"agent-1")',
  'context.session.client == "bridge"',
  'context.session has claimedClient && context.session.claimedClient like "Claude*"',
  'context.session.kind == "service"',
  'principal in Mcp::Group::"okta/z"',
  'principal == Mcp::User::"usr_bob"',
  'resource in Mcp::Label::"prod"',
  'action in Mcp::Action::"read"',
];
const ARGUMENTS = [
  'context.args has amount && context.args.amount > 100',
  '!(context.args has path) || context.args.path == "/srv/a"',
  'context.paths has path && context.paths.path like "/srv/*"',
];

const literal = (pool: readonly string[], args: boolean) =>
  fc.constantFrom(...pool).map((text): Literal => ({ text, args }));
const rarely = <T>(values: readonly T[]) =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constantFrom(...values) });

function clauseOf(literals: fc.Arbitrary<Literal>) {
  return fc.record({
    kind: fc.constantFrom('when' as const, 'when' as const, 'unless' as const),
    joined: fc.constantFrom('&&' as const, '||' as const),
    literals: fc.array(literals, { minLength: 1, maxLength: 2 }),
  });
}

const policyOf = (session: readonly string[]) =>
  fc.boolean().chain((readsArguments) => {
    const literals = readsArguments
      ? fc.oneof(literal(session, false), literal(ARGUMENTS, true))
      : literal(session, false);
    const actions = readsArguments ? ARGUMENT_ACTIONS : ACTIONS;
    const resources = readsArguments ? ['resource'] : RESOURCES;
    return fc.record({
      effect: fc.constantFrom('permit' as const, 'permit' as const, 'forbid' as const),
      head: fc
        .tuple(fc.constantFrom(...PRINCIPALS), fc.constantFrom(...actions), fc.constantFrom(...resources))
        .map((parts) => parts.join(', ')),
      clauses: fc.array(clauseOf(literals), { maxLength: 2 }),
      maxAge: rarely([60, 300, 3600]),
      acr: rarely(['phr phrh', 'phrh', 'mfa']),
      approvers: rarely(['okta/leads', 'okta/leads okta/finance']),
      locked: fc.boolean(),
    });
  });

/** Few for each set, so that a set now and then reads one thing only. */
const topics = fc.subarray(SESSION, { minLength: 1, maxLength: 3 });

/** Sets of policies that never err. */
export const drawnPolicies: fc.Arbitrary<readonly DrawnPolicy[]> = topics
  .chain((session) => fc.array(policyOf(session), { minLength: 1, maxLength: 8 }))
  .map((drawn) =>
    drawn.map((one, index) => {
      return Object.assign(one, { id: `p${index}`, locked: one.locked && one.effect === 'forbid' });
    }),
  );
