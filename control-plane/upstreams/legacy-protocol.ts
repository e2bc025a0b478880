import { CodedError } from '#shared/errors.js';
import { lowerRequest } from '#shared/mcp/eras.js';
import { HEADERS, JSON_TYPE, STREAM_TYPE } from '#shared/mcp/headers.js';
import type { JsonObject, JsonRpcRequest, RequestId } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import { LEGACY_VERSIONS, MODERN_VERSION } from '#shared/mcp/meta.js';
import { answerOf, formOf } from './answer.js';
import { discard, parseMessage, readResponseEvent, readWhole } from './answer-body.js';
import type { Connections } from './connections.js';
import type { Exchange, ResponseBody } from './exchange.js';
import type { LegacySession } from './legacy-sessions.js';
import { requireTaken } from './refusal.js';
import { SessionEvents } from './session-events.js';
import { SessionStream } from './session-stream.js';
import type { UpstreamLimits } from './limits.js';
import { newLogLevel } from './log-level.js';
import { PRODUCT } from '../observability/product.js';
import { traceHeaders } from './trace-headers.js';
import type { Access, ClientSide, UpstreamRequest, UpstreamScope } from './upstream-request.js';

const DATED_VERSION = /^20\d\d-\d\d-\d\d$/;
const SESSION_ID = /^[\x21-\x7e]{1,1024}$/;
const FIRST_WITH_HEADER = '2025-06-18';
const HANDSHAKE_LIMIT = 1024 * 1024;

/** Parameters of `initialize`: the server may ask for what the client declared, and for no more. */
export function initializeParams({ capabilities }: ClientSide): JsonObject {
  return { protocolVersion: LEGACY_VERSIONS[0], capabilities, clientInfo: { ...PRODUCT } };
}

export interface LegacyPeer {
  readonly connections: Connections;
  readonly url: string;
  readonly limits: UpstreamLimits;
}

/** `initialize` and `notifications/initialized`. `onLost` hears that the server has forgotten the session. */
export async function openSession(
  peer: LegacyPeer,
  scope: Omit<UpstreamScope, 'signal'>,
  onLost: (session: LegacySession) => void,
): Promise<LegacySession> {
  const { access, server, partition, client } = scope;
  const signal = AbortSignal.timeout(peer.limits.question);
  const request = { jsonrpc: '2.0', id: 0, method: 'initialize', params: initializeParams(client) };
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
    client: client.key,
    id: typeof id === 'string' && SESSION_ID.test(id) ? id : undefined,
    version,
    initialize,
    access,
    close: () => {
      session.events.end(new CodedError('session_ended'));
      closeSession(peer, session);
    },
    events: eventsOf(peer, () => session, onLost),
    logLevel: undefined,
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

/** Takes the answer of a request up again behind the event `id`. Throws `outcome_unknown`. */
export async function resumeAnswer(
  { connections, url }: LegacyPeer,
  session: LegacySession,
  { access, signal }: UpstreamRequest,
  id: string,
): Promise<ResponseBody> {
  const headers = { accept: STREAM_TYPE, 'last-event-id': id, ...sessionHeaders(session), ...access.headers };
  const get = { method: 'GET', url, query: access.query, headers, body: '', sign: access.sign } as const;
  const exchange = connections.send(get, signal);
  const head = await exchange.head;
  if (head.status === 200 && formOf(head) === 'events') return exchange;
  discard(exchange);
  throw new CodedError('outcome_unknown', { detail: `HTTP ${head.status} to the rest of an answer` });
}

/** The client's answer to a request of the server: `{ result }` or `{ error }`. */
export function answerServer(
  peer: LegacyPeer,
  access: Access,
  session: LegacySession,
  id: RequestId,
  answer: JsonObject,
): void {
  notify(peer, access, session, { jsonrpc: '2.0', id, ...answer }).catch(() => undefined);
}

/** Modern clients name the log level in each request; a legacy server keeps one for the session. */
export async function tellLogLevel(
  peer: LegacyPeer,
  session: LegacySession,
  { access, message }: Pick<UpstreamScope, 'access'> & { readonly message: Pick<JsonRpcRequest, 'params'> },
): Promise<void> {
  const level = newLogLevel(message.params, session.initialize, session.logLevel);
  if (level === undefined) return;
  session.logLevel = level;
  await ask(peer, access, session, 'logging/setLevel', { level });
}

/** A request whose answer changes nothing here. */
async function ask(
  peer: LegacyPeer,
  access: Access,
  session: LegacySession,
  method: string,
  params: JsonObject,
): Promise<void> {
  const id = (session.lastRequestId += 1);
  await notify(peer, access, session, { jsonrpc: '2.0', id, method, params }).catch(() => undefined);
}

function eventsOf(
  peer: LegacyPeer,
  session: () => LegacySession,
  onLost: (session: LegacySession) => void,
): SessionEvents {
  let stream: SessionStream | undefined;
  const events: SessionEvents = new SessionEvents({
    start: () => {
      const onMessage = (message: JsonObject): void => {
        if (!('method' in message)) return;
        if (!('id' in message)) events.notification(message);
        else {
          const reply = (answer: JsonObject): void =>
            answerServer(peer, session().access, session(), message['id'] as RequestId, answer);
          events.asked(message, reply);
        }
      };
      stream = new SessionStream(
        peer,
        session(),
        onMessage,
        () => onLost(session()),
        (refusal) => events.end(refusal),
      );
    },
    stop: () => stream?.close(),
    request: (method, uri) => void ask(peer, session().access, session(), method, { uri }),
  });
  return events;
}

function cancelRequest(peer: LegacyPeer, access: Access, session: LegacySession, requestId: RequestId): void {
  const params = { requestId, reason: 'The client cancelled the request.' };
  notify(peer, access, session, { jsonrpc: '2.0', method: 'notifications/cancelled', params }).catch(() => undefined);
}

function closeSession(peer: LegacyPeer, session: LegacySession): void {
  if (session.id === undefined) return;
  const { access } = session;
  const headers = { ...sessionHeaders(session), ...access.headers };
  const { url, connections, limits } = peer;
  const request = { method: 'DELETE', url, query: access.query, headers, body: '', sign: access.sign } as const;
  const exchange = connections.send(request, AbortSignal.timeout(limits.question));
  exchange.head.then(
    () => discard(exchange),
    () => undefined,
  );
}

/** Throws UpstreamRefusal; of all other answers nothing is asked. */
export async function notify(
  peer: LegacyPeer,
  access: Access,
  session: LegacySession,
  message: JsonObject,
  ends?: AbortSignal,
): Promise<void> {
  const late = AbortSignal.timeout(peer.limits.question);
  const signal = ends === undefined ? late : AbortSignal.any([ends, late]);
  const exchange = post(peer, access, sessionHeaders(session), message, signal);
  const head = await exchange.head;
  discard(exchange);
  requireTaken(head);
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
    ...traceHeaders(message),
    ...session,
    ...access.headers,
  };
  const { connections, url } = peer;
  const { query, sign } = access;
  return connections.send({ method: 'POST', url, query, headers, body: JSON.stringify(message), sign }, signal);
}

/** The revision is named from 2025-06-18 on; servers of older ones may refuse what they don't know. */
function sessionHeaders(session: LegacySession): Record<string, string> {
  return {
    ...(session.version < FIRST_WITH_HEADER ? {} : { [HEADERS.protocolVersion]: session.version }),
    ...(session.id === undefined ? {} : { [HEADERS.session]: session.id }),
  };
}
