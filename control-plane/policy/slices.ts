import { policyToJson } from '@cedar-policy/cedar-wasm/nodejs';
import { qualifierOf, TYPES } from './names.js';

export interface Slices {
  /** By server: the policies that may concern it. Only servers that some policy names as its one server. */
  readonly servers: ReadonlyMap<string, Readonly<Record<string, string>>>;
  /** For every other server. */
  readonly others: Readonly<Record<string, string>>;
}

/**
 * Splits a set by server: the engine takes longer the more policies it is given, and a policy whose scope names one
 * server can't match at another. Whatever is not plainly about one server is in every slice.
 */
export function sliceByServer(texts: Readonly<Record<string, string>>): Slices {
  const owned = Map.groupBy(Object.entries(texts), ([, text]) => onlyServer(text));
  const others = Object.fromEntries(owned.get(undefined) ?? []);
  const servers = [...owned].flatMap(([server, policies]) =>
    server === undefined ? [] : [[server, { ...others, ...Object.fromEntries(policies) }] as const],
  );
  return { servers: new Map(servers), others };
}

/** The server that `resource` in the scope of a policy belongs to; undefined where it may be any. */
function onlyServer(text: string): string | undefined {
  const parsed = policyToJson(text);
  if (parsed.type === 'failure') return undefined;
  const { resource } = parsed.json;
  const within = resource.op === 'is' ? resource.in : resource.op === 'All' ? undefined : resource;
  if (within === undefined || !('entity' in within)) return undefined;
  const { type, id } = '__entity' in within.entity ? within.entity.__entity : within.entity;
  return type === TYPES.server ? id : qualifierOf(id);
}
