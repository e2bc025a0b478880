import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import { aggregateName, aggregateUri } from '#shared/mcp/names.js';

import type { Origin } from '../call/call-record.js';
import { decide } from '../call/decide.js';
import { LISTS, type ListMethod } from '../call/route.js';
import type { Parts } from '../parts.js';
import { nameField } from './fetch-list.js';
import type { ListedItem } from './page.js';

/** The items that the person may use, judged by the names that a call would use. */
export function permitted(
  policy: Parts['policy'],
  origin: Origin,
  server: string,
  method: ListMethod,
  items: readonly JsonObject[],
): JsonObject[] {
  const { kind } = LISTS[method];
  const field = nameField(method);
  return items.filter((item) => {
    const target = { kind, name: String(item[field]) };
    return decide(policy, origin, server, target, undefined).outcome === 'allow';
  });
}

/** Items as `/mcp` shows them. Of two that would be shown alike neither is, because nobody could say which is meant. */
export function aggregated(server: string, method: ListMethod, items: readonly JsonObject[]): ListedItem[] {
  const field = nameField(method);
  const shown = items.map((item) => ({
    server,
    name: String(item[field]),
    item: aggregatedItem(server, field, item),
  }));
  const times = Map.groupBy(shown, ({ item }) => item[field]);
  return shown.filter(({ item }) => times.get(item[field])?.length === 1);
}

/** An item under a name or URI that also names its server. */
function aggregatedItem(server: string, field: ReturnType<typeof nameField>, item: JsonObject): JsonObject {
  const name = String(item[field]);
  const shown = field === 'name' ? aggregateName(server, name) : aggregateUri(server, name);
  return { ...withAppUri(server, item), [field]: shown };
}

/** The older key of the same extension. */
const OLD_APP_KEY = 'ui/resourceUri';

/** A tool may name the resource that is its user interface (extension io.modelcontextprotocol/ui). */
function withAppUri(server: string, item: JsonObject): JsonObject {
  const meta = item['_meta'];
  if (!isObject(meta)) return item;
  const { ui, [OLD_APP_KEY]: old } = meta;
  const current = isObject(ui) && typeof ui['resourceUri'] === 'string' ? ui['resourceUri'] : undefined;
  return {
    ...item,
    _meta: {
      ...meta,
      ...(current === undefined ? {} : { ui: { ...(ui as JsonObject), resourceUri: aggregateUri(server, current) } }),
      ...(typeof old === 'string' ? { [OLD_APP_KEY]: aggregateUri(server, old) } : {}),
    },
  };
}
