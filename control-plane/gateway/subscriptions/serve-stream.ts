import { CodedError } from '#shared/errors.js';
import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import { META, MODERN_VERSION } from '#shared/mcp/meta.js';
import { METHOD_NOT_FOUND } from '../../upstreams/session-events.js';
import type { Origin } from '../call/call-record.js';
import type { CallInFlight } from '../calls-in-flight.js';
import type { ClientSessionState } from '../client-sessions.js';
import { legacyClient } from '../eras/client-side.js';
import type { LegacyClientSession } from '../eras/legacy-session.js';
import { askLegacy, serves } from '../input/asked.js';
import type { ListScope } from '../lists/fetch-list.js';
import type { Parts } from '../parts.js';
import type { ClientResponse } from '../relay/client-response.js';
import { reaches } from '../relay/wanted.js';
import { HeardServers } from './heard-servers.js';
import { aggregatedMessage } from './notification.js';
import { keepOpen } from './open-stream.js';

const EVERYTHING = {
  toolsListChanged: true,
  promptsListChanged: true,
  resourcesListChanged: true,
  everything: true,
} as const;

/**
 * The stream of a legacy client's session (2025-11-25, Listening for Messages from the Server): what its servers say
 * outside of calls. A newer stream of the same session takes its place. Ends with the reason of the call's end.
 */
export async function serveStream(
  parts: Parts,
  origin: Origin,
  session: LegacyClientSession,
  call: CallInFlight,
  client: ClientResponse,
): Promise<never> {
  const endpoint = session.endpoint ?? undefined;
  const state = parts.clientSessions.of(session);
  const shown = (server: string | undefined, message: JsonObject): JsonObject =>
    endpoint === undefined ? aggregatedMessage(server, message) : message;
  const servers = new HeardServers(parts, {
    origin,
    endpoint,
    call,
    scope: scopeFor(origin, session, call, state),
    target: 'notifications',
    filter: EVERYTHING,
    uris: async () => state.subscriptions,
    begin: () => client.beginEvents(),
    send: (server, message) => {
      if (!wanted(state, message)) return;
      client.sendEvent(shown(server, message));
      if (client.congested) call.abort(new CodedError('interrupted'));
    },
    asked: (server, request, reply) => {
      if (!serves(session.capabilities, request)) reply(METHOD_NOT_FOUND);
      else void askLegacy(parts, session.sid, shown(server, request), client, call).then(reply);
    },
  });
  const stream = {
    changed: (server: string) => servers.subscriptionsChanged(server),
    end: () => call.abort(new CodedError('interrupted')),
  };
  try {
    await servers.open();
    call.lasts();
    state.stream?.end();
    state.stream = stream;
    return await keepOpen(client, call);
  } finally {
    if (state.stream === stream) state.stream = undefined;
    servers.close();
  }
}

function wanted({ logLevel }: ClientSessionState, { method, params }: JsonObject): boolean {
  if (method !== 'notifications/message' || logLevel === undefined) return true;
  return reaches(isObject(params) ? params['level'] : undefined, logLevel);
}

/** The level is that of the moment, since a server may have to be told again. */
function scopeFor(
  { caller }: Origin,
  session: LegacyClientSession,
  { signal }: CallInFlight,
  state: Pick<ClientSessionState, 'logLevel'>,
): ListScope {
  const { capabilities, clientInfo } = session;
  return {
    session: caller.session,
    client: legacyClient(session),
    signal,
    get meta() {
      return {
        [META.protocolVersion]: MODERN_VERSION,
        [META.clientCapabilities]: capabilities,
        ...(clientInfo === undefined ? {} : { [META.clientInfo]: clientInfo }),
        ...(state.logLevel === undefined ? {} : { [META.logLevel]: state.logLevel }),
      };
    },
  };
}
