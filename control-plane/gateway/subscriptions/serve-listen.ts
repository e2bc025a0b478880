import { CodedError } from '#shared/errors.js';
import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import { META } from '#shared/mcp/meta.js';
import type { ListenFilter } from '../../upstreams/listening.js';
import { MessageFault } from '../call/message-fault.js';
import { listScope, type Identified } from '../call/post.js';
import type { Parts } from '../parts.js';
import type { ClientResponse } from '../relay/client-response.js';
import { HeardServers } from './heard-servers.js';
import { aggregatedMessage } from './notification.js';
import { keepOpen } from './open-stream.js';
import { permittedUris } from './permitted-uris.js';
import { bytesOf, requireWithin, type SubscriptionBounds } from './subscription-bounds.js';

const CHANGES = ['toolsListChanged', 'promptsListChanged', 'resourcesListChanged'] as const;
/** Notifications that wait for the acknowledgement. */
const MAX_EARLY = 100;
/** Milliseconds that the slowest server may keep the acknowledgement waiting. */
const PATIENCE = 2_000;

/**
 * A modern client's `subscriptions/listen` (MCP 2026-07-28, basic/patterns/subscriptions): one stream for all servers of
 * the endpoint. Never resolves: it ends with the reason of the call's end.
 */
export async function serveListen(parts: Parts, request: Identified, client: ClientResponse): Promise<never> {
  const { origin, endpoint, call } = request;
  const { resourceSubscriptions: asked = [], ...filter } = wantedOf(request, parts.limits);
  let shown: readonly string[] = [];
  let acknowledged = false;
  const early: JsonObject[] = [];
  const say = (message: JsonObject): void => {
    client.sendEvent(stamped(message, request.id));
    if (client.congested) call.abort(new CodedError('interrupted'));
  };
  const servers = new HeardServers(parts, {
    origin,
    endpoint,
    call,
    scope: listScope(request),
    target: 'subscriptions/listen',
    filter,
    uris: async (current) => {
      const permitted = await permittedUris(current, origin, endpoint, asked);
      shown = [...permitted.values()].flatMap((uris) => uris.shown);
      return new Map([...permitted].map(([server, { own }]) => [server, own]));
    },
    begin: () => client.beginEvents(),
    send: (server, message) => {
      const named = endpoint === undefined ? aggregatedMessage(server, message) : message;
      if (acknowledged) say(named);
      else if (early.length < MAX_EARLY) early.push(named);
    },
  });
  try {
    await servers.open();
    call.lasts();
    await Promise.race([servers.ready(), patience()]);
    const notifications = { ...filter, ...(shown.length > 0 ? { resourceSubscriptions: shown } : {}) };
    const method = 'notifications/subscriptions/acknowledged';
    say({ jsonrpc: '2.0', method, params: { notifications } });
    acknowledged = true;
    for (const message of early) say(message);
    return await keepOpen(client, call);
  } finally {
    servers.close();
  }
}

/** What the client asks for. Throws `params_invalid`. */
function wantedOf({ id, message }: Identified, bounds: SubscriptionBounds): ListenFilter {
  const filter = message.params?.['notifications'];
  const uris = isObject(filter) ? (filter['resourceSubscriptions'] ?? []) : undefined;
  if (!isObject(filter) || !Array.isArray(uris) || !uris.every((uri) => typeof uri === 'string')) {
    const wanted = '`params.notifications` must be an object, with URIs in `resourceSubscriptions`.';
    throw new MessageFault('params_invalid', { id, message: wanted });
  }
  const bytes = uris.reduce((sum: number, uri: string) => sum + bytesOf(uri), 0);
  requireWithin(bounds, uris.length, bytes, 'params_invalid');
  return { ...changesOf(filter), resourceSubscriptions: uris };
}

function changesOf(filter: Pick<JsonObject, string> | ListenFilter): ListenFilter {
  const asked = filter as JsonObject;
  return Object.fromEntries(CHANGES.filter((change) => asked[change] === true).map((change) => [change, true]));
}

/** Every message of the stream names the request that asked for it. */
function stamped(message: JsonObject, id: Identified['id']): JsonObject {
  const params = isObject(message['params']) ? message['params'] : {};
  const meta = isObject(params['_meta']) ? params['_meta'] : {};
  return { ...message, params: { ...params, _meta: { ...meta, [META.subscriptionId]: id } } };
}

function patience(): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, PATIENCE).unref());
}
