import { CodedError } from '#shared/errors.js';
import type { JsonObject, JsonRpcRequest } from '#shared/mcp/json-rpc.js';
import { isObject, textOf } from '#shared/mcp/json-rpc.js';
import { parseMessage } from './answer-body.js';
import { EventStreamReader } from './event-stream.js';
import type { ResponseBody } from './exchange.js';

/** What a client wants to hear of a server outside of its calls (MCP 2026-07-28, basic/patterns/subscriptions). */
export interface ListenFilter {
  readonly toolsListChanged?: boolean;
  readonly promptsListChanged?: boolean;
  readonly resourcesListChanged?: boolean;
  /** URIs, by the server's own names. */
  readonly resourceSubscriptions?: readonly string[];
  /** Also whatever else a legacy server says: log messages, unknown notifications. */
  readonly everything?: boolean;
}

export interface Listener {
  readonly filter: ListenFilter;
  /** A notification that the filter lets through. */
  notification(message: JsonObject): void;
  /** Takes a legacy server's request outside of calls to the client; absent where the client can't be asked. */
  readonly asked?: (request: JsonObject, reply: (answer: JsonObject) => void) => void;
  /** Nothing more will be heard; called once, and not after `close`. */
  ended(error: CodedError): void;
}

export interface Listening {
  close(): void;
}

export const RESOURCE_UPDATED = 'notifications/resources/updated';

const LISTS: Readonly<Record<string, keyof ListenFilter>> = {
  'notifications/tools/list_changed': 'toolsListChanged',
  'notifications/prompts/list_changed': 'promptsListChanged',
  'notifications/resources/list_changed': 'resourcesListChanged',
};
/** They belong to one request; outside of its answer nobody can tell whose. The last one is to our own. */
const OF_ONE_REQUEST = new Set([
  'notifications/progress',
  'notifications/cancelled',
  'notifications/subscriptions/acknowledged',
]);

export function lets(filter: ListenFilter, { method, params }: JsonObject): boolean {
  const name = textOf(method);
  const list = Object.hasOwn(LISTS, name) ? LISTS[name] : undefined;
  if (list !== undefined) return filter[list] === true;
  if (name === RESOURCE_UPDATED) {
    const uri = isObject(params) ? params['uri'] : undefined;
    return typeof uri === 'string' && filter.resourceSubscriptions?.includes(uri) === true;
  }
  return filter.everything === true && !OF_ONE_REQUEST.has(name);
}

/** The request that a modern server answers with its notifications; `request` carries the client's envelope. */
export function listenRequest(meta: JsonObject, { everything: _all, ...notifications }: ListenFilter): JsonRpcRequest {
  const params = { notifications, _meta: meta };
  return { jsonrpc: '2.0', id: 'listen', method: 'subscriptions/listen', params };
}

/** Reads the answer of a modern server to `subscriptions/listen`: notifications, and at last an empty result. */
export function readNotifications(body: ResponseBody, listener: Listener, limit: number): void {
  let data: Buffer[] = [];
  let size = 0;
  let over = false;
  const end = (error: CodedError): void => {
    if (over) return;
    over = true;
    body.abort(error);
    listener.ended(error);
  };
  const reader = new EventStreamReader({
    data(chunk) {
      size += chunk.length;
      if (size > limit) end(new CodedError('upstream_invalid', { detail: 'an event is larger than the limit' }));
      else data.push(Buffer.from(chunk));
    },
    comment: () => undefined,
    event() {
      const message = parseMessage(Buffer.concat(data));
      data = [];
      size = 0;
      if (over || message === undefined) return;
      if (!('method' in message)) end(new CodedError('upstream_unreachable', { detail: 'the subscription ended' }));
      else if (!('id' in message) && lets(listener.filter, message)) listener.notification(message);
    },
  });
  body.read({
    data: (chunk) => {
      if (!over) reader.write(chunk);
      return true;
    },
    end: () => end(new CodedError('upstream_unreachable', { detail: 'the subscription ended' })),
    failed: () => end(new CodedError('upstream_unreachable', { detail: 'the subscription broke' })),
  });
}
