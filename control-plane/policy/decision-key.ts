import type { PolicyInput } from './decision.js';
import type { CompiledPolicies } from './evaluate/evaluate.js';
import type { NamedPrincipals } from './named-principals.js';
import { qualify } from './names.js';
import type { TargetKind } from './policy-scope.js';
import type { PolicyTraits } from './policy-traits.js';
import type { Slices } from './slices.js';

/** What of an input tells one decision of some policies from another; undefined where no decision may be used again. */
export type DecisionKey = (input: PolicyInput) => string | undefined;

/** What policies read of the session, by name. What is not here (`now`, `signInAge`) is another at each moment. */
const SESSION: Readonly<Record<string, (input: PolicyInput) => unknown>> = {
  ip: ({ context }) => context.address,
  networks: ({ networks }) => networks,
  acr: ({ context }) => context.acr,
  amr: ({ context }) => context.amr,
  device: ({ context }) => context.device,
  managedDevice: ({ context }) => context.managedDevice,
  agentDepth: ({ context }) => context.agents.length,
  agents: ({ context }) => context.agents,
  client: ({ context }) => context.client,
  claimedClient: ({ context }) => context.claimedClient,
  kind: ({ context }) => context.sessionKind,
};

/** The keys of a sliced set: each server's by the policies that may concern it. */
export function decisionKeys(
  { servers, others }: Slices,
  traits: Readonly<Record<string, PolicyTraits>>,
  { readArguments }: Pick<CompiledPolicies, 'readArguments'>,
): DecisionKey {
  const keyFor = (slice: object): DecisionKey => decisionKey(Object.keys(slice).flatMap((id) => traits[id] ?? []));
  const keys = new Map([...servers].map(([server, slice]) => [server, keyFor(slice)]));
  const other = keyFor(others);
  return (input) => {
    const { server, target, args } = input;
    // A call may be refused for arguments alone, whichever of the policies reads them.
    const encoded = target.kind === 'tool' && Object.hasOwn(readArguments, qualify(server, target.name));
    return encoded && args !== undefined ? undefined : (keys.get(server) ?? other)(input);
  };
}

/**
 * The key under which the decisions of these policies are remembered: of the person what the policies name, of the session
 * what they read, and all that was looked up (effect, labels, review, grant). Whoever adds an attribute to the model adds
 * it here, or else what reads it is never remembered.
 */
export function decisionKey(policies: readonly PolicyTraits[]): DecisionKey {
  const named = {
    people: new Set(policies.flatMap(({ people }) => people)),
    groups: new Set(policies.flatMap(({ groups }) => groups)),
  };
  const all = readersByTarget(policies);
  return (input) => {
    const { server, target, serverLabels, grant, args } = input;
    const ofAll = all(input);
    // Policies about others read nothing of this call. To look for them takes longer, so only where it can help.
    const reads = isOneMoment(ofAll, input) ? together(policies.filter((policy) => canMatch(policy, input))) : ofAll;
    if (isOneMoment(reads, input)) return undefined;
    const session = [...reads.session].map((name) => (Object.hasOwn(SESSION, name) ? SESSION[name] : undefined));
    const values = session.map((value) => value?.(input));
    const person = readable(named, input.person);
    return JSON.stringify([person, server, target, serverLabels, grant, args === undefined, values]);
  };
}

/** Whether a decision by what is read holds for no other call. */
function isOneMoment({ anything, calls, session }: Reads, { args }: PolicyInput): boolean {
  return anything || (calls && args !== undefined) || session.some((name) => !Object.hasOwn(SESSION, name));
}

/** What of a person these policies can read: two people of whom it is the same get the same decisions. */
function readable(
  { people, groups }: NamedPrincipals,
  person: PolicyInput['person'],
): { readonly id: string | null; readonly groups: readonly string[] } {
  return { id: people.has(person.id) ? person.id : null, groups: person.groups.filter((group) => groups.has(group)) };
}

/** In the order of names, so that keys agree. */
interface Reads {
  readonly session: readonly string[];
  readonly calls: boolean;
  readonly anything: boolean;
}

const KINDS: readonly TargetKind[] = ['read', 'write', 'destroy', 'resource', 'prompt', 'method'];

/** What may be read when a target is decided about: only by policies whose scope it can match. */
function readersByTarget(policies: readonly PolicyTraits[]): (input: PolicyInput) => Reads {
  const open = policies.filter(({ scope }) => scope.tools === undefined);
  const byKind = new Map(
    KINDS.map((kind) => [kind, open.filter(({ scope }) => scope.kinds?.includes(kind) ?? true)] as const),
  );
  const general = new Map([...byKind].map(([kind, readers]) => [kind, together(readers)] as const));
  const narrow = policies.flatMap((policy) => (policy.scope.tools ?? []).map((id) => ({ id, policy })));
  const own = new Map(
    [...Map.groupBy(narrow, ({ id }) => id)].map(([id, found]) => [id, together(found.map(({ policy }) => policy))]),
  );
  return ({ server, target }) => {
    const common = general.get(kindOf(target)) ?? ANYTHING;
    const more = target.kind === 'tool' ? own.get(qualify(server, target.name)) : undefined;
    return more === undefined ? common : together([common, more]);
  };
}

/** Whether the scope leaves it possible, by the person too. */
function canMatch({ scope }: PolicyTraits, { person, server, target }: PolicyInput): boolean {
  if (scope.group !== undefined && !person.groups.includes(scope.group)) return false;
  if (scope.person !== undefined && scope.person !== person.id) return false;
  if (scope.tools !== undefined) return target.kind === 'tool' && scope.tools.includes(qualify(server, target.name));
  return scope.kinds?.includes(kindOf(target)) ?? true;
}

function kindOf(target: PolicyInput['target']): TargetKind {
  return target.kind === 'tool' ? target.effect : target.kind;
}

const ANYTHING: Reads = { session: [], calls: true, anything: true };

function together(reads: readonly Reads[]): Reads {
  return {
    session: [...new Set(reads.flatMap(({ session }) => session))].toSorted(),
    calls: reads.some(({ calls }) => calls),
    anything: reads.some(({ anything }) => anything),
  };
}
