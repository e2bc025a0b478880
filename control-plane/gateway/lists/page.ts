import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { stale, type Position } from './list-cursor.js';

/** One item of a list, where it comes from and how it is shown. */
export interface ListedItem {
  readonly server: string;
  /** The server's own name or URI. */
  readonly name: string;
  readonly item: JsonObject;
}

export interface Page {
  readonly items: readonly JsonObject[];
  /** Where the next page begins; undefined where this is the last one. */
  readonly next: Position | undefined;
}

/**
 * The part of a list behind a position, at most `size` items. `listed` begins with the position's server, or after it
 * where that server does not answer any more. Throws `params_invalid` where the item is gone.
 */
export function pageOf(listed: readonly ListedItem[], from: Position | undefined, size: number): Page {
  const begin = from === undefined ? 0 : beginAfter(listed, from);
  const page = listed.slice(begin, begin + size);
  const last = begin + size < listed.length ? page.at(-1) : undefined;
  return { items: page.map(({ item }) => item), next: last && { server: last.server, after: last.name } };
}

function beginAfter(listed: readonly ListedItem[], { server, after }: Position): number {
  if (listed[0]?.server !== server) return 0;
  const at = listed.findIndex((one) => one.server === server && one.name === after);
  if (at < 0) throw stale();
  return at + 1;
}
