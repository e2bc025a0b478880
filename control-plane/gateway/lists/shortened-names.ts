import { aggregateName } from '#shared/mcp/names.js';
import type { Caller } from '../../identity/caller.js';
import type { ListMethod } from '../call/route.js';
import type { Parts } from '../parts.js';
import { fetchList, type ListScope } from './fetch-list.js';
import { mayUse } from './visibility.js';

/**
 * The server's own name of the tool or prompt that `/mcp` shows under a shortened one. Undefined where its list has
 * none, or more than one: then nobody could say which is called. Of a server that the person may not use nothing is
 * asked. Throws the errors of the far side.
 */
export async function ownName(
  parts: Parts,
  caller: Caller,
  server: string,
  method: Extract<ListMethod, 'tools/list' | 'prompts/list'>,
  shown: string,
  scope: ListScope,
): Promise<string | undefined> {
  const candidates = (): string[] =>
    parts.known.names(server, method).filter((name) => aggregateName(server, name) === shown);
  if (candidates().length === 0 && mayUse(parts, caller, server)) await fetchList(parts, server, method, scope);
  const [name, another] = candidates();
  return another === undefined ? name : undefined;
}
