import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import { aggregateUri } from '#shared/mcp/names.js';
import { RESOURCE_UPDATED } from '../../upstreams/listening.js';

/** What names something of the server, by method. */
const NAMES: Readonly<Record<string, string>> = {
  [RESOURCE_UPDATED]: 'uri',
  'notifications/elicitation/complete': 'elicitationId',
  'elicitation/create': 'elicitationId',
};

/** What a server says outside of calls, or a notification of our own, under the names of `/mcp`. */
export function aggregatedMessage(server: string | undefined, message: JsonObject): JsonObject {
  const { method, params } = message;
  const key = typeof method === 'string' && Object.hasOwn(NAMES, method) ? NAMES[method]! : '';
  const name = isObject(params) ? params[key] : undefined;
  if (server === undefined || typeof name !== 'string' || !isObject(params)) return message;
  return { ...message, params: { ...params, [key]: aggregateUri(server, name) } };
}
