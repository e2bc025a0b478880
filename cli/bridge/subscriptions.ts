import { isObject, type JsonObject, type JsonRpcRequest, type RequestId } from '#shared/mcp/json-rpc.js';
import { META } from '#shared/mcp/meta.js';
import { ACKNOWLEDGED, ChangeFeed } from './change-feed.js';
import type { ControlPlaneLink } from './control-plane-link.js';
import { envelopeIsWhole, unsupportedVersion } from './handshake.js';
import type { BridgeLog } from './log.js';

const MAX_SUBSCRIPTIONS = 64;

/** What changes when a person signs in or out, and the filter key by which a modern app asks to hear of it. */
export const LIST_CHANGES = {
  toolsListChanged: 'notifications/tools/list_changed',
  promptsListChanged: 'notifications/prompts/list_changed',
  resourcesListChanged: 'notifications/resources/list_changed',
} as const;
type Change = keyof typeof LIST_CHANGES;
const CHANGES = Object.keys(LIST_CHANGES) as readonly Change[];

interface Parts {
  readonly controlPlane: Pick<ControlPlaneLink, 'get'>;
  readonly send: (message: string) => Promise<void>;
  readonly log: BridgeLog;
}

interface Subscription {
  readonly feed: ChangeFeed;
  readonly changes: readonly Change[];
}

/** Open `subscriptions/listen` requests of a modern client (MCP 2026-07-28, basic/patterns/subscriptions). */
export class Subscriptions {
  readonly #parts: Parts;
  readonly #open = new Map<RequestId, Subscription>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** False where the request is another one, not valid or one too many. The acknowledgement follows by itself. */
  open(request: JsonRpcRequest, text: string): boolean {
    const { id, method, params } = request;
    if (method !== 'subscriptions/listen' || unsupportedVersion(params) !== undefined || !envelopeIsWhole(params)) {
      return false;
    }
    const filter = params?.['notifications'];
    if (!isObject(filter) || this.#open.has(id) || this.#open.size >= MAX_SUBSCRIPTIONS) return false;
    const changes = CHANGES.filter((change) => filter[change] === true);
    const { controlPlane, send, log } = this.#parts;
    const feed = new ChangeFeed({
      request,
      text,
      controlPlane,
      acknowledged: (message) => this.#acknowledge(id, message ?? ownAcknowledgement(id, changes)),
      notify: send,
      missed: () => this.#announce(id, changes),
      log,
    });
    this.#open.set(id, { feed, changes });
    return true;
  }

  /** True where `id` was an open subscription. */
  cancel(id: RequestId): boolean {
    const subscription = this.#open.get(id);
    this.#open.delete(id);
    subscription?.feed.close();
    return subscription !== undefined;
  }

  has(id: RequestId): boolean {
    return this.#open.has(id);
  }

  /** The person signed in or out: all lists have changed, and the control plane may be willing to tell more. */
  listsChanged(): void {
    for (const [id, { feed, changes }] of this.#open) {
      this.#announce(id, changes);
      feed.wake();
    }
  }

  close(): void {
    for (const id of this.#open.keys()) this.cancel(id);
  }

  #acknowledge(id: RequestId, message: JsonObject): void {
    if (this.#open.has(id)) void this.#parts.send(JSON.stringify(message));
  }

  #announce(id: RequestId, changes: readonly Change[]): void {
    for (const change of changes) void this.#parts.send(JSON.stringify(stamped(LIST_CHANGES[change], id, {})));
  }
}

/** Without the control plane, the bridge can still tell of a sign-in. */
function ownAcknowledgement(id: RequestId, changes: readonly Change[]): JsonObject {
  return stamped(ACKNOWLEDGED, id, { notifications: Object.fromEntries(changes.map((change) => [change, true])) });
}

function stamped(method: string, id: RequestId, params: JsonObject): JsonObject {
  return { jsonrpc: '2.0', method, params: { _meta: { [META.subscriptionId]: id }, ...params } };
}
