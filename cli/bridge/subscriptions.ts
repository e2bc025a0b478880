import type { JsonObject, RequestId } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';

const SUBSCRIPTION_ID = 'io.modelcontextprotocol/subscriptionId';
const MAX_SUBSCRIPTIONS = 64;

/** What changes when a person signs in or out, and the filter key by which a modern app asks to hear of it. */
export const LIST_CHANGES = {
  toolsListChanged: 'notifications/tools/list_changed',
  promptsListChanged: 'notifications/prompts/list_changed',
  resourcesListChanged: 'notifications/resources/list_changed',
} as const;
type Change = keyof typeof LIST_CHANGES;
const CHANGES = Object.keys(LIST_CHANGES) as readonly Change[];

/** Open `subscriptions/listen` requests of one modern client (MCP 2026-07-28, basic/patterns/subscriptions). */
export class Subscriptions {
  readonly #open = new Map<RequestId, readonly Change[]>();

  /** The acknowledgement to send, or undefined where the request is not valid or one too many. */
  open(id: RequestId, params: JsonObject | undefined): JsonObject | undefined {
    const filter = params?.['notifications'];
    if (!isObject(filter) || this.#open.has(id) || this.#open.size >= MAX_SUBSCRIPTIONS) return undefined;
    const honored = CHANGES.filter((change) => filter[change] === true);
    this.#open.set(id, honored);
    const notifications = Object.fromEntries(honored.map((change) => [change, true]));
    return stamped('notifications/subscriptions/acknowledged', id, { notifications });
  }

  /** True where `id` was an open subscription. */
  cancel(id: RequestId): boolean {
    return this.#open.delete(id);
  }

  has(id: RequestId): boolean {
    return this.#open.has(id);
  }

  /** What to tell each subscriber when all lists have changed. */
  listChanges(): JsonObject[] {
    return [...this.#open].flatMap(([id, changes]) => changes.map((change) => stamped(LIST_CHANGES[change], id, {})));
  }
}

function stamped(method: string, id: RequestId, params: JsonObject): JsonObject {
  return { jsonrpc: '2.0', method, params: { _meta: { [SUBSCRIPTION_ID]: id }, ...params } };
}
