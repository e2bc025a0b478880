import type { Settings } from '../config/settings.js';
import { traitsOf, type PolicyTraits } from './policy-traits.js';

export interface Slices {
  /** By server: the policies that may concern it. Only servers that some policy names, itself or by a label. */
  readonly servers: ReadonlyMap<string, Readonly<Record<string, string>>>;
  /** For every other server. */
  readonly others: Readonly<Record<string, string>>;
}

/**
 * Splits a set by server: the engine takes longer the more policies it is given, and a policy whose scope names one
 * server can't match at another, nor one whose scope names a label where nothing bears it. Whatever is not plainly about
 * some servers is in every slice.
 * @param servers who bears which labels; without them, a label may be anywhere
 */
export function sliceByServer(
  texts: Readonly<Record<string, string>>,
  servers?: Settings['servers'],
  traits: Readonly<Record<string, PolicyTraits>> = traitsOf(texts),
): Slices {
  const bearers = servers && bearersOf(servers);
  const concerned = Object.keys(texts).map((id) => ({ id, servers: serversOf(traits[id], bearers) }));
  const named = new Set(concerned.flatMap((policy) => policy.servers ?? []));
  const general = concerned.filter((policy) => policy.servers === undefined);
  const byServer = Map.groupBy(
    concerned.flatMap((policy) => (policy.servers ?? []).map((server) => ({ server, id: policy.id }))),
    ({ server }) => server,
  );
  const slice = (more: readonly { readonly id: string }[]): Record<string, string> =>
    Object.fromEntries([...general, ...more].map(({ id }) => [id, texts[id] ?? '']));
  return {
    servers: new Map([...named].map((server) => [server, slice(byServer.get(server) ?? [])])),
    others: slice([]),
  };
}

/** The servers that a policy may concern; undefined where it may be any. */
function serversOf(
  traits: PolicyTraits | undefined,
  bearers: ReadonlyMap<string, readonly string[]> | undefined,
): readonly string[] | undefined {
  const { server, label } = traits?.scope ?? {};
  if (server !== undefined) return [server];
  return label === undefined || bearers === undefined ? undefined : (bearers.get(label) ?? []);
}

/** Servers by the labels that they or tools of theirs bear. */
function bearersOf(servers: Settings['servers']): ReadonlyMap<string, readonly string[]> {
  const bearers = new Map<string, string[]>();
  for (const [server, { labels, tools }] of Object.entries(servers)) {
    const borne = new Set([...labels, ...Object.values(tools).flatMap((tool) => tool.labels ?? [])]);
    for (const label of borne) bearers.set(label, [...(bearers.get(label) ?? []), server]);
  }
  return bearers;
}
