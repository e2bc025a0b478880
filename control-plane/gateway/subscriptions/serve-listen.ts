import { CodedError } from '#shared/errors.js';
import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import { META } from '#shared/mcp/meta.js';
import type { ListenFilter } from '../../upstreams/listening.js';
import { MessageFault } from '../call/message-fault.js';
import { listScope, type Identified } from '../call/post.js';
import { serversFor } from '../lists/visibility.js';
import type { Parts } from '../parts.js';
import type { ClientResponse } from '../relay/client-response.js';
import { keepOpen } from './open-stream.js';
import { aggregatedNotification } from './notification.js';
import { permittedUris } from './permitted-uris.js';
import { recordListening } from './record-listening.js';
import { ServerEar } from './server-ear.js';

const CHANGES = ['toolsListChanged', 'promptsListChanged', 'resourcesListChanged'] as const;
const MAX_URIS = 1_000;
/** Milliseconds that the slowest server may keep the acknowledgement waiting. */
const PATIENCE = 2_000;

/**
 * A modern client's `subscriptions/listen` (MCP 2026-07-28, basic/patterns/subscriptions): one stream for all servers of
 * the endpoint. Never resolves: it ends with the reason of the call's end.
 */
export async function serveListen(parts: Parts, request: Identified, client: ClientResponse): Promise<never> {
  const { origin, endpoint, call } = request;
  const wanted = wantedOf(request);
  const servers = serversFor(parts, origin.caller, endpoint);
  await recordListening(parts.audit, origin, 'subscriptions/listen', endpoint, servers.length > 0);
  if (endpoint !== undefined && servers.length === 0) throw new CodedError('server_unknown');
  const permitted = await permittedUris(parts, origin, endpoint, wanted.resourceSubscriptions ?? []);
  const scope = listScope(request);
  call.lasts();
  const ears = servers.map((server) => {
    const filter = { ...wanted, resourceSubscriptions: permitted.get(server)?.own ?? [] };
    const say = (message: JsonObject): void => {
      const named = endpoint === undefined ? aggregatedNotification(server, message) : message;
      client.sendEvent(stamped(named, request.id));
      if (client.congested) call.abort(new CodedError('interrupted'));
    };
    return new ServerEar(parts, server, scope, filter, say);
  });
  try {
    client.beginEvents();
    await Promise.race([Promise.all(ears.map(({ ready }) => ready)), patience()]);
    const uris = [...permitted.values()].flatMap(({ shown }) => shown);
    const notifications = { ...changesOf(wanted), ...(uris.length > 0 ? { resourceSubscriptions: uris } : {}) };
    const method = 'notifications/subscriptions/acknowledged';
    client.sendEvent(stamped({ jsonrpc: '2.0', method, params: { notifications } }, request.id));
    return await keepOpen(client, call);
  } finally {
    for (const ear of ears) ear.close();
  }
}

/** What the client asks for. Throws `params_invalid`. */
function wantedOf({ id, message }: Identified): ListenFilter {
  const filter = message.params?.['notifications'];
  const uris = isObject(filter) ? (filter['resourceSubscriptions'] ?? []) : undefined;
  const valid = Array.isArray(uris) && uris.length <= MAX_URIS && uris.every((uri) => typeof uri === 'string');
  if (!isObject(filter) || !valid) {
    const wanted = `\`params.notifications\` must be an object, with at most ${MAX_URIS} URIs in \`resourceSubscriptions\`.`;
    throw new MessageFault('params_invalid', { id, message: wanted });
  }
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
