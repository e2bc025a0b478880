import type { PolicyInput } from './decision.js';
import type { PolicyTraits } from './policy-traits.js';
import type { Slices } from './slices.js';

/** What some policies can read of whoever calls, beside who it is. */
export interface ReadFacts {
  /** Those that the policies name. */
  readonly groups: ReadonlySet<string>;
  /** Names below `context.session`; undefined where it may be any. */
  readonly session: ReadonlySet<string> | undefined;
}

/** For each server, by the policies that may concern it: half of the engine's time goes into facts that nobody reads. */
export function readFacts(
  { servers, others }: Slices,
  traits: Readonly<Record<string, PolicyTraits>>,
): (server: string) => ReadFacts {
  const factsOf = (slice: object): ReadFacts => together(Object.keys(slice).flatMap((id) => traits[id] ?? []));
  const byServer = new Map([...servers].map(([server, slice]) => [server, factsOf(slice)]));
  const other = factsOf(others);
  return (server) => byServer.get(server) ?? other;
}

/** The input without groups that nobody reads. */
export function withGroups(input: PolicyInput, { groups }: ReadFacts): PolicyInput {
  const { id, groups: all } = input.person;
  return { ...input, person: { id, groups: all.filter((group) => groups.has(group)) } };
}

function together(policies: readonly PolicyTraits[]): ReadFacts {
  const anything = policies.some((policy) => policy.anything);
  return {
    groups: new Set(policies.flatMap(({ groups }) => groups)),
    session: anything ? undefined : new Set(policies.flatMap(({ session }) => session)),
  };
}
