import type { JsonObject } from '#shared/mcp/json-rpc.js';
import type { ListenFilter } from '../../upstreams/listening.js';
import type { ListChange } from '../lists/list-changes.js';

/** `notifications/{list}/list_changed` of each of the lists that the client wants to hear of. */
export function listNotifications(lists: ListChange['lists'], filter: ListenFilter): JsonObject[] {
  return lists
    .filter((list) => filter[`${list}ListChanged`] === true)
    .map((list) => ({ jsonrpc: '2.0', method: `notifications/${list}/list_changed` }));
}
