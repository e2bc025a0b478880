import { CodedError } from '#shared/errors.js';
import { lowerRequest } from '#shared/mcp/eras.js';
import { HEADERS, JSON_TYPE, STREAM_TYPE } from '#shared/mcp/headers.js';
import type { JsonObject, RequestId } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import { LEGACY_VERSIONS, MODERN_VERSION } from '#shared/mcp/meta.js';
import { answerOf } from './answer.js';
import { discard, parseMessage, readResponseEvent, readWhole } from './answer-body.js';
import type { Connections } from './connections.js';
import type { Exchange } from './exchange.js';
import type { LegacySession } from './legacy-sessions.js';
import type { UpstreamLimits } from './limits.js';
import { PRODUCT } from './product.js';
import type { Access, UpstreamRequest, UpstreamScope } from './upstream-request.js';

const DATED_VERSION = /^20\d\d-\d\d-\d\d$/;
const SESSION_ID = /^[\x21-\x7e]{1,1024}$/;
const HANDSHAKE_LIMIT = 1024 * 1024;

/** Parameters of `initialize`. We claim no capability, so the server has nothing to ask the client. */
export const INITIALIZE = { protocolVersion: LEGACY_VERSIONS[0], capabilities: {}, clientInfo: { ...PRODUCT } };

export interface LegacyPeer {
  readonly connections: Connections;
  readonly url: string;
  readonly limits: UpstreamLimits;
}

/** `initialize` and `notifications/initialized`. */
export async function openSession(peer: LegacyPeer, scope: Omit<UpstreamScope, 'signal'>): Promise<LegacySession> {
  const { access, server, partition } = scope;
  const signal = AbortSignal.timeout(peer.limits.question);
  const request = { jsonrpc: '2.0', id: 0, method: 'initialize', params: INITIALIZE };
  const exchange = post(peer, access, {}, request, signal);
  const head = await exchange.head;
  const { form, body } = await answerOf(exchange, head);
  const message =
    form === 'json'
      ? parseMessage(await readWhole(body, HANDSHAKE_LIMIT))
      : await readResponseEvent(body, HANDSHAKE_LIMIT);
  const { initialize, version } = initializeResultOf(message);
  const id = head.headers[HEADERS.session];
  const session: LegacySession = {
    server,
    partition,
    id: typeof id === 'string' && SESSION_ID.test(id) ? id : undefined,
    version,
    initialize,
    close: () => closeSession(peer, access, session),
    lastRequestId: 0,
    lastUsed: 0,
  };
  await notify(peer, access, session, { jsonrpc: '2.0', method: 'notifications/initialized' });
  return session;
}

/** The server's result of `initialize`, with the revision that it chose. Throws `upstream_invalid`. */
export function initializeResultOf(message: JsonObject | undefined): { initialize: JsonObject; version: string } {
  const initialize = isObject(message?.['result']) ? message['result'] : undefined;
  const version = initialize?.['protocolVersion'];
  if (
    initialize === undefined ||
    typeof version !== 'string' ||
    !DATED_VERSION.test(version) ||
    version >= MODERN_VERSION
  ) {
    throw new CodedError('upstream_invalid', { detail: 'initialize was not answered as MCP' });
  }
  return { initialize, version };
}

/** Sends a request in the session, under an id that no other request of the session has. */
export function postLegacy(
  peer: LegacyPeer,
  session: LegacySession,
  request: UpstreamRequest,
): { exchange: Exchange; requestId: number } {
  const requestId = (session.lastRequestId += 1);
  const message = lowerRequest({ ...request.message, id: requestId });
  const exchange = post(peer, request.access, sessionHeaders(session), { ...message }, request.signal);
  const onAbort = (): void => {
    if (!exchange.answered) cancelRequest(peer, request.access, session, requestId);
  };
  request.signal.addEventListener('abort', onAbort, { once: true });
  return { exchange, requestId };
}

/** A server may ask nothing of a client that claims no capability; one that does is told so, lest it wait for ever. */
export function refuseServerRequest(peer: LegacyPeer, access: Access, session: LegacySession, id: RequestId): void {
  const error = { code: -32601, message: 'Method not found' };
  notify(peer, access, session, { jsonrpc: '2.0', id, error }).catch(() => undefined);
}

function cancelRequest(peer: LegacyPeer, access: Access, session: LegacySession, requestId: RequestId): void {
  const params = { requestId, reason: 'The client cancelled the request.' };
  notify(peer, access, session, { jsonrpc: '2.0', method: 'notifications/cancelled', params }).catch(() => undefined);
}

function closeSession(peer: LegacyPeer, access: Access, session: LegacySession): void {
  if (session.id === undefined) return;
  const headers = { ...sessionHeaders(session), ...access.headers };
  const { url, connections, limits } = peer;
  const request = { method: 'DELETE', url, query: access.query, headers, body: '' } as const;
  const exchange = connections.send(request, AbortSignal.timeout(limits.question));
  exchange.head.then(
    () => discard(exchange),
    () => undefined,
  );
}

async function notify(peer: LegacyPeer, access: Access, session: LegacySession, message: JsonObject): Promise<void> {
  const signal = AbortSignal.timeout(peer.limits.question);
  const exchange = post(peer, access, sessionHeaders(session), message, signal);
  await exchange.head;
  discard(exchange);
}

function post(
  peer: LegacyPeer,
  access: Access,
  session: Readonly<Record<string, string>>,
  message: JsonObject,
  signal: AbortSignal,
): Exchange {
  const headers = {
    'content-type': JSON_TYPE,
    accept: `${JSON_TYPE}, ${STREAM_TYPE}`,
    ...session,
    ...access.headers,
  };
  const { connections, url } = peer;
  return connections.send({ method: 'POST', url, query: access.query, headers, body: JSON.stringify(message) }, signal);
}

function sessionHeaders(session: LegacySession): Record<string, string> {
  return {
    [HEADERS.protocolVersion]: session.version,
    ...(session.id === undefined ? {} : { [HEADERS.session]: session.id }),
  };
}
