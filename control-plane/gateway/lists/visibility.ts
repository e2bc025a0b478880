import type { Caller } from '../../identity/caller.js';
import type { PolicyInput } from '../../policy/decision.js';
import { decide } from '../call/decide.js';
import type { Parts } from '../parts.js';

/** No server offers this, so only a policy that permits a whole kind lets it pass. */
const ANY_NAME = '\u{fffd}';

/**
 * Whether a person may use anything of a server, as far as that is known without asking the server. Where nothing
 * was listed yet, a policy that permits a kind of target at large counts as something.
 */
export function mayUse(
  { policy, known, servers }: Pick<Parts, 'policy' | 'known' | 'servers'>,
  caller: Caller,
  server: string,
): boolean {
  const listed = known.of(server);
  const configured = Object.keys(servers[server]?.tools ?? {}).map((name) => ({ kind: 'tool' as const, name }));
  const named = [...configured, ...(listed ?? [])];
  if (named.some((target) => decide(policy, caller, server, target).outcome === 'allow')) return true;
  return listed === undefined && permitsAKind(policy, caller, server);
}

/** The servers of an endpoint of which the person may use something. */
export function serversFor(
  parts: Pick<Parts, 'policy' | 'known' | 'servers'>,
  caller: Caller,
  endpoint: string | undefined,
): string[] {
  const servers = endpoint === undefined ? Object.keys(parts.servers) : [endpoint];
  return servers.filter((server) => Object.hasOwn(parts.servers, server) && mayUse(parts, caller, server));
}

function permitsAKind(policy: Parts['policy'], caller: Caller, server: string): boolean {
  const { person, groups } = caller.session;
  const effects = ['read', 'write', 'destroy'] as const;
  const targets: PolicyInput['target'][] = [
    ...effects.map((effect) => ({ kind: 'tool' as const, name: ANY_NAME, effect })),
    { kind: 'resource', uri: ANY_NAME },
    { kind: 'prompt', name: ANY_NAME },
    { kind: 'method', name: ANY_NAME },
  ];
  return targets.some(
    (target) => policy.decide({ person: { id: person.id, groups }, server, target }).outcome === 'allow',
  );
}
