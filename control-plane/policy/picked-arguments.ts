import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';

/** Names from the arguments downwards: `['filter', 'owner']` is `context.args.filter.owner`; none is all of them. */
export type ArgumentPath = readonly string[];

/** Only what these paths lead to; where one ends early, in a list or a text, that kind of value without what it says. */
export function pickArguments(args: JsonObject, paths: readonly ArgumentPath[]): JsonObject {
  if (paths.some((path) => path.length === 0)) return args;
  const byName = Map.groupBy(paths, ([first]) => first ?? '');
  const picked = [...byName].flatMap(([name, below]): [string, unknown][] => {
    if (!Object.hasOwn(args, name)) return [];
    const value = args[name];
    if (below.some((path) => path.length === 1)) return [[name, value]];
    const deeper = below.map((path) => path.slice(1));
    return [[name, isObject(value) ? pickArguments(value, deeper) : hollow(value)]];
  });
  // `fromEntries` defines: a name like `__proto__` stays a name.
  return Object.fromEntries(picked);
}

/** Whether all that `wanted` leads to was kept by those who kept `kept`. */
export function covers(kept: readonly ArgumentPath[], wanted: readonly ArgumentPath[]): boolean {
  return wanted.every((path) => kept.some((known) => known.every((name, depth) => path[depth] === name)));
}

function hollow(value: unknown): unknown {
  if (typeof value === 'string') return '';
  if (typeof value === 'number') return 0;
  if (typeof value === 'boolean') return false;
  return Array.isArray(value) ? [] : null;
}
