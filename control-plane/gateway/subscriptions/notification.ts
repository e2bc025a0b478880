import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import { aggregateUri } from '#shared/mcp/names.js';

/** A server's notification under the names of `/mcp`. */
export function aggregatedNotification(server: string, message: JsonObject): JsonObject {
  const { method, params } = message;
  if (method !== 'notifications/resources/updated' || !isObject(params)) return message;
  return { ...message, params: { ...params, uri: aggregateUri(server, String(params['uri'])) } };
}
