import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import { aggregateUri } from '#shared/mcp/names.js';

/** A server's notification, or one of our own, under the names of `/mcp`. */
export function aggregatedNotification(server: string | undefined, message: JsonObject): JsonObject {
  const { method, params } = message;
  if (server === undefined || method !== 'notifications/resources/updated' || !isObject(params)) return message;
  return { ...message, params: { ...params, uri: aggregateUri(server, String(params['uri'])) } };
}
