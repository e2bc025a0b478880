import type { Question } from '../../policy/decision.js';
import { EFFECTS } from '../../policy/names.js';
import type { Origin } from '../call/call-record.js';
import { contextOf, decide } from '../call/decide.js';
import type { Parts } from '../parts.js';

/** No server offers this, so only a policy that permits a whole kind lets it pass. */
const ANY_NAME = '\u{fffd}';

/**
 * Whether a person may use anything of a server, as far as that is known without asking the server. Where nothing
 * was listed yet, a policy that permits a kind of target at large counts as something.
 */
export function mayUse(
  { policy, known, servers }: Pick<Parts, 'policy' | 'known' | 'servers'>,
  origin: Origin,
  server: string,
): boolean {
  const listed = known.of(server);
  const configured = Object.keys(servers[server]?.tools ?? {}).map((name) => ({ kind: 'tool' as const, name }));
  const named = [...configured, ...(listed ?? [])];
  if (named.some((target) => decide(policy, origin, server, target, undefined).outcome === 'allow')) return true;
  return listed === undefined && permitsAKind(policy, origin, server);
}

/** The servers of an endpoint of which the person may use something. */
export function serversFor(
  parts: Pick<Parts, 'policy' | 'known' | 'servers'>,
  origin: Origin,
  endpoint: string | undefined,
): string[] {
  const servers = endpoint === undefined ? Object.keys(parts.servers) : [endpoint];
  return servers.filter((server) => Object.hasOwn(parts.servers, server) && mayUse(parts, origin, server));
}

function permitsAKind(policy: Parts['policy'], origin: Origin, server: string): boolean {
  const { person, groups } = origin.caller.session;
  const targets: Question['target'][] = [
    ...EFFECTS.map((effect) => ({ kind: 'tool' as const, name: ANY_NAME, effect })),
    { kind: 'resource', name: ANY_NAME },
    { kind: 'prompt', name: ANY_NAME },
    { kind: 'method', name: ANY_NAME },
  ];
  const context = contextOf(origin, Date.now());
  return targets.some(
    (target) =>
      policy.decide({ person: { id: person.id, groups }, server, target, context, args: undefined }).outcome ===
      'allow',
  );
}
