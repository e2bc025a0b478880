import { isAuthorized, type AuthorizationCall } from '@cedar-policy/cedar-wasm/nodejs';
import type { PolicyInput } from '../../decision.js';
import { textOf, type DrawnPolicy } from './random-policies.js';

/** What has to come out, as far as an oracle says it. */
export interface Expected {
  readonly outcome: 'allow' | 'deny';
  readonly policies: readonly string[];
  readonly maxAge: number | undefined;
  readonly acr: readonly string[] | undefined;
  readonly approvers: readonly (readonly string[])[] | undefined;
}

/**
 * The answer by plain Cedar over the whole set, parsed anew: no slice, no slot, no cache, no list form of ours. Which
 * policies apply is asked with all of them as permits; what that means is worked out by the words of the design.
 */
export function expectedOf(policies: readonly DrawnPolicy[], input: PolicyInput): Expected {
  const nothing = { maxAge: undefined, acr: undefined, approvers: undefined };
  if (input.target.kind === 'tool' && !input.target.reviewed) return { outcome: 'deny', policies: [], ...nothing };
  const applying = applyingOf(policies, input);
  const [permits, forbids] = (['permit', 'forbid'] as const).map((effect) =>
    applying.filter((one) => one.effect === effect),
  );
  const emergency = input.grant?.kind === 'break-glass';
  const holding = forbids!.filter(({ locked }) => !emergency || locked);
  const strict = holding.filter((one) => !demands(one));
  if (strict.length > 0) {
    // Whoever is denied hears of all forbids that no demand lifts.
    return { outcome: 'deny', policies: ids(forbids!.filter((one) => !demands(one))), ...nothing };
  }
  const overridden = forbids!.some((one) => !demands(one));
  const determining = permits!.length > 0 && !overridden ? permits! : undefined;
  if (determining === undefined && input.grant === undefined) return { outcome: 'deny', policies: [], ...nothing };
  return demanded(determining, holding);
}

function demanded(determining: readonly DrawnPolicy[] | undefined, lifted: readonly DrawnPolicy[]): Expected {
  const all = [...(determining ?? []), ...lifted].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const ages = all.flatMap(({ maxAge }) => maxAge ?? []);
  const acrs = all.flatMap(({ acr }) => (acr === undefined ? [] : [acr.split(' ')]));
  const acr = acrs.length === 0 ? undefined : acrs[0]!.filter((value) => acrs.every((one) => one.includes(value)));
  const approvers = all.flatMap((one) => (one.approvers === undefined ? [] : [one.approvers.split(' ')]));
  if (acr?.length === 0) {
    const policies = ids(all.filter((one) => one.maxAge !== undefined || one.acr !== undefined));
    return { outcome: 'deny', policies, maxAge: undefined, acr: undefined, approvers: undefined };
  }
  return {
    outcome: 'allow',
    policies: [...(determining === undefined ? ['grant'] : ids(determining)), ...ids(lifted)].toSorted(),
    maxAge: ages.length === 0 ? undefined : Math.min(...ages),
    acr,
    approvers: approvers.length === 0 ? undefined : approvers,
  };
}

function demands({ maxAge, acr, approvers }: DrawnPolicy): boolean {
  return maxAge !== undefined || acr !== undefined || approvers !== undefined;
}

function applyingOf(policies: readonly DrawnPolicy[], input: PolicyInput): readonly DrawnPolicy[] {
  const inList = input.args === undefined ? true : undefined;
  const texts = policies.map((one) => [one.id, textOf(one, 'permit', inList)] as const);
  const answer = isAuthorized({ ...requestOf(input), policies: { staticPolicies: Object.fromEntries(texts) } });
  if (answer.type === 'failure') throw new Error(answer.errors.map(({ message }) => message).join('; '));
  const { reason, errors } = answer.response.diagnostics;
  if (errors.length > 0) throw new Error(errors.map(({ error }) => error.message).join('; '));
  return policies.filter(({ id }) => reason.includes(id));
}

const TYPES = { tool: 'Tool', resource: 'Resource', prompt: 'Prompt', method: 'Method' } as const;
const ACTIONS = { resource: 'resource/read', prompt: 'prompt/get', method: 'method/use' } as const;
const uid = (type: string, id: string) => ({ type: `Mcp::${type}`, id });
const entity = (type: string, id: string, parents: readonly (readonly [string, string])[] = []) => ({
  uid: uid(type, id),
  attrs: {},
  parents: parents.map(([of, name]) => uid(of, name)),
});

/** Every entity that there is, with all of its parents. */
function requestOf({
  person,
  server,
  serverLabels,
  networks,
  target,
  context,
  args,
}: PolicyInput): Omit<AuthorizationCall, 'policies'> {
  const id = `${server}/${target.name}`;
  const labels = target.kind === 'tool' ? target.labels.map((label) => ['Label', label] as const) : [];
  const action = target.kind === 'tool' ? id : ACTIONS[target.kind];
  const { now, address, acr, amr, signedInAt, sessionKind, client, claimedClient, device, managedDevice, agents } =
    context;
  const { path, ...rest } = args ?? {};
  const all = { ...rest, ...(path === undefined ? {} : { path }) };
  return {
    principal: uid('User', person.id),
    action: uid('Action', action),
    resource: uid(TYPES[target.kind], id),
    context: {
      session: {
        now: { __extn: { fn: 'datetime', arg: new Date(now).toISOString() } },
        ip: { __extn: { fn: 'ip', arg: address } },
        networks: [...networks],
        ...(acr === null ? {} : { acr }),
        amr: [...amr],
        ...(signedInAt === 0
          ? {}
          : { signInAge: { __extn: { fn: 'duration', arg: `${Math.max(0, now - signedInAt)}ms` } } }),
        ...(device === null ? {} : { device }),
        managedDevice,
        agentDepth: agents.length,
        agents: agents.map((agent) => ({ __entity: uid('Agent', agent) })),
        client,
        ...(claimedClient === null ? {} : { claimedClient }),
        kind: sessionKind,
      },
      args: all as Record<string, string | number>,
      paths: path === undefined ? {} : { path: path as string },
    },
    entities: [
      entity(
        'User',
        person.id,
        person.groups.map((group) => ['Group', group] as const),
      ),
      entity(
        'Server',
        server,
        serverLabels.map((label) => ['Label', label] as const),
      ),
      entity(TYPES[target.kind], id, [['Server', server], ...labels]),
      ...(target.kind === 'tool' ? [entity('Action', id, [['Action', target.effect]])] : [entity('Action', action)]),
      ...(['read', 'write', 'destroy'] as const).map((effect) => entity('Action', effect, [['Action', 'call']])),
      entity('Action', 'call'),
    ],
  };
}

function ids(policies: readonly DrawnPolicy[]): string[] {
  return policies.map(({ id }) => id).toSorted();
}
