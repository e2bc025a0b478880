import { isIP } from 'node:net';
import { z } from 'zod';
import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import { parseExactly } from '#shared/mcp/exact-json.js';
import type { CallContext } from './call-context.js';
import type { PolicyInput } from './decision.js';
import { pickArguments, type ArgumentPath } from './picked-arguments.js';

/** UTF-16 units: what a text of an audit record may be long. */
const MAX_LENGTH = 2000;
/** What is no record came in a request, which is not longer than this. */
const MAX_READ = 2_000_000;

/** What was kept of a call, so that it can be decided again. */
export interface RecordedInput {
  /** The arguments hold what `reads` names and nothing else. */
  readonly input: PolicyInput;
  /** Other names that a server may read the target's as: each was decided about too. */
  readonly readings: readonly string[];
  /** The arguments that were kept where the call had them; undefined where they were left out for their length. */
  readonly reads: readonly ArgumentPath[] | undefined;
  /** The call was refused before any policy judged its arguments: what was kept does not tell what was wrong with the rest. */
  readonly unjudged?: true;
}

const effect = z.enum(['read', 'write', 'destroy']);
const text = z.string();
const recordedSchema = z.strictObject({
  v: z.literal(1),
  person: text,
  groups: z.array(text),
  server: text,
  serverLabels: z.array(text).default([]),
  networks: z.array(text).default([]),
  target: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('tool'), name: text, effect, labels: z.array(text), reviewed: z.boolean() }),
    z.strictObject({ kind: z.enum(['resource', 'prompt', 'method']), name: text }),
  ]),
  readings: z.array(text).default([]),
  grant: z.strictObject({ id: text, kind: z.enum(['grant', 'break-glass']) }).optional(),
  session: z.strictObject({
    now: z.int(),
    address: z.string().refine((address) => isIP(address) !== 0),
    acr: text.nullable().default(null),
    amr: z.array(text).default([]),
    signedInAt: z.int().default(0),
    sessionKind: z.enum(['person', 'service', 'break-glass']),
    client: text,
    claimedClient: text.nullable().default(null),
    device: text.nullable().default(null),
    managedDevice: z.boolean().default(false),
    agents: z.array(text).default([]),
  }),
  /** Absent where they were left out. */
  reads: z.array(z.array(text)).optional(),
  // Not a record of zod's, which drops a name like `__proto__`.
  args: z.custom<JsonObject>(isObject).optional(),
  unjudged: z.literal(true).optional(),
});

/**
 * What policies can read of a call, as compact JSON of at most 2,000 characters. Of the arguments only those that `reads` names.
 * Where that is too long it is without arguments, and undefined where even that is.
 * @param held the call was refused before any policy judged its arguments
 */
export function recordInput(
  input: PolicyInput,
  readings: readonly string[],
  reads: readonly ArgumentPath[],
  held = false,
): string | undefined {
  const unjudged = held ? { unjudged: true } : {};
  const whole = JSON.stringify({ ...withArguments(input, readings, reads), ...unjudged });
  if (whole.length <= MAX_LENGTH) return whole;
  const without = JSON.stringify({ ...factsOf(input, readings), ...unjudged });
  return without.length <= MAX_LENGTH ? without : undefined;
}

/** What was recorded without the arguments; a policy that reads some can't decide it again. */
export function withoutArguments(recorded: string): string {
  const { args: _args, reads, ...others } = JSON.parse(recorded) as { args?: unknown; reads?: readonly unknown[] };
  return JSON.stringify(reads?.length === 0 ? { ...others, reads } : others);
}

/** The same at any length, for what is no record. */
export function writeInput(input: PolicyInput, readings: readonly string[], reads: readonly ArgumentPath[]): string {
  return JSON.stringify(withArguments(input, readings, reads));
}

/** Undefined for anything that `recordInput` and `writeInput` did not write. */
export function readInput(recorded: string): RecordedInput | undefined {
  if (recorded.length > MAX_READ) return undefined;
  const parsed = recordedSchema.safeParse(jsonOf(recorded));
  if (!parsed.success) return undefined;
  const { person, groups, session, readings, reads, args, unjudged, v: _version, ...others } = parsed.data;
  return {
    input: { grant: undefined, ...others, person: { id: person, groups }, context: session, args: args ?? {} },
    readings,
    reads,
    ...(unjudged === undefined ? {} : { unjudged }),
  };
}

function withArguments(input: PolicyInput, readings: readonly string[], reads: readonly ArgumentPath[]): object {
  const args = pickArguments(input.args ?? {}, reads);
  return { ...factsOf(input, readings), reads, ...(Object.keys(args).length === 0 ? {} : { args }) };
}

function factsOf(input: PolicyInput, readings: readonly string[]): object {
  const { person, server, serverLabels, networks, target, grant, context } = input;
  return {
    v: 1,
    person: person.id,
    groups: person.groups,
    server,
    ...(serverLabels.length === 0 ? {} : { serverLabels }),
    ...(networks.length === 0 ? {} : { networks }),
    target: targetOf(target),
    ...(readings.length === 0 ? {} : { readings }),
    ...(grant === undefined ? {} : { grant: { id: grant.id, kind: grant.kind } }),
    session: sessionOf(context),
  };
}

function targetOf(target: PolicyInput['target']): PolicyInput['target'] {
  const { kind, name } = target;
  if (target.kind !== 'tool') return { kind, name } as PolicyInput['target'];
  return { kind: 'tool', name, effect: target.effect, labels: target.labels, reviewed: target.reviewed };
}

/** Without what is as it mostly is: a call is recorded millions of times. */
function sessionOf(context: CallContext): object {
  const { now, address, sessionKind, client } = context;
  const usual = { acr: null, signedInAt: 0, claimedClient: null, device: null, managedDevice: false } as const;
  const others = (Object.keys(usual) as (keyof typeof usual)[]).filter((key) => context[key] !== usual[key]);
  const lists = (['amr', 'agents'] as const).filter((key) => context[key].length > 0);
  const more = [...others, ...lists].map((key) => [key, context[key]]);
  return { now, address, sessionKind, client, ...Object.fromEntries(more) };
}

function jsonOf(json: string): unknown {
  try {
    return parseExactly(json);
  } catch {
    return undefined;
  }
}
