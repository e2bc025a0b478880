import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import { aggregateName, aggregateUri } from '#shared/mcp/names.js';
import type { Caller } from '../../identity/caller.js';
import { decide } from '../call/decide.js';
import { LISTS, type ListMethod } from '../call/route.js';
import type { Parts } from '../parts.js';
import { nameField } from './fetch-list.js';

/** The items that the person may use, judged by the names that a call would use. */
export function permitted(
  policy: Parts['policy'],
  caller: Caller,
  server: string,
  method: ListMethod,
  items: readonly JsonObject[],
): JsonObject[] {
  const { kind } = LISTS[method];
  const field = nameField(method);
  return items.filter((item) => {
    const target = { kind, name: String(item[field]) };
    return decide(policy, caller, server, target).outcome === 'allow';
  });
}

/** An item as `/mcp` shows it: under a name or URI that also names its server. */
export function aggregated(server: string, method: ListMethod, item: JsonObject): JsonObject {
  const field = nameField(method);
  const name = String(item[field]);
  const shown = field === 'name' ? aggregateName(server, name) : aggregateUri(server, name);
  return { ...withAppUri(server, item), [field]: shown };
}

/** A tool may name the resource that is its user interface (extension io.modelcontextprotocol/ui). */
function withAppUri(server: string, item: JsonObject): JsonObject {
  const meta = item['_meta'];
  const ui = isObject(meta) ? meta['ui'] : undefined;
  if (!isObject(meta) || !isObject(ui) || typeof ui['resourceUri'] !== 'string') return item;
  return { ...item, _meta: { ...meta, ui: { ...ui, resourceUri: aggregateUri(server, ui['resourceUri']) } } };
}
