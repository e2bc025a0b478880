import type { Origin } from '../call/call-record.js';
import { contextOf } from '../call/decide.js';
import type { Parts } from '../parts.js';

/** Tools that are looked at: more are said to be as many. */
const BOUND = 200;

/**
 * How many of a server's tools the person could use but for a definition that waits for its reviewer. Nothing of the definitions
 * themselves is said, and nothing at all to somebody whom no policy permits any of them.
 */
export function waitingTools(
  { policy, definitions, servers }: Pick<Parts, 'policy' | 'definitions' | 'servers'>,
  origin: Origin,
  server: string,
): number {
  if (!Object.hasOwn(servers, server)) return 0;
  const names = definitions.heldBack(server).slice(0, BOUND);
  if (names.length === 0) return 0;
  const { person, groups } = origin.caller.session;
  const context = contextOf(origin, Date.now());
  return names.filter((name) =>
    policy.wouldAllow({
      person: { id: person.id, groups },
      server,
      target: { kind: 'tool', name },
      context,
      args: undefined,
    }),
  ).length;
}

/** What an AI app reads of them. */
export function waitingSentence(waiting: readonly { readonly id: string; readonly count: number }[]): string[] {
  if (waiting.length === 0) return [];
  const listed = waiting.map(({ id, count }) => `${id} (${count} ${count === 1 ? 'tool' : 'tools'})`).join(', ');
  return [`Held back until an administrator has reviewed them: ${listed}.`];
}
