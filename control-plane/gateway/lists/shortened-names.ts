import { aggregateName } from '#shared/mcp/names.js';
import type { ListMethod } from '../call/route.js';
import type { KnownTargets } from './known-targets.js';

/** Lists whose items have names, which `/mcp` may have to shorten. */
export type NamedList = Extract<ListMethod, 'tools/list' | 'prompts/list'>;

/**
 * The server's own names of what `/mcp` shows as `shown`, as far as its list was seen. Where there is more than one,
 * nobody could say which is called.
 */
export function shownAs(known: KnownTargets, server: string, list: NamedList, shown: string): readonly string[] {
  return known.names(server, list).filter((name) => aggregateName(server, name) === shown);
}
