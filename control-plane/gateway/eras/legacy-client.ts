import type { IncomingHttpHeaders } from 'node:http';
import { initializeResult, liftRequest, negotiateLegacyVersion } from '#shared/mcp/eras.js';
import { HEADERS } from '#shared/mcp/headers.js';
import type { JsonObject, JsonRpcRequest, RequestId } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import type { Caller } from '../../identity/caller.js';
import { PRODUCT } from '../../upstreams/product.js';
import { MessageFault } from '../call/message-fault.js';
import type { Parts } from '../parts.js';
import { newSession, openSession, sealSession, type LegacyClientSession } from './legacy-session.js';

/**
 * Toward servers, a legacy client has no capabilities: what it could serve (sampling, elicitation, roots) would need
 * requests from server to client, which do not exist here.
 */
const NO_CAPABILITIES = {};

/** The session that a legacy client names. Throws `request_invalid` without one and `not_found` where it does not open. */
export function requireSession(
  parts: Pick<Parts, 'storage'>,
  caller: Caller,
  headers: IncomingHttpHeaders,
  endpoint: string | undefined,
  id?: RequestId,
): LegacyClientSession {
  const token = headers[HEADERS.session];
  if (typeof token !== 'string') {
    throw new MessageFault('request_invalid', {
      id,
      message: 'Begin with `initialize`, then send its Mcp-Session-Id.',
    });
  }
  const session = openSession(parts.storage, caller, token, endpoint, Date.now());
  if (session) return session;
  throw new MessageFault('not_found', { id, message: 'This MCP session has ended. Begin again with `initialize`.' });
}

/** A legacy client's request in the form that the steps work on. */
export function lifted(message: JsonRpcRequest, session: LegacyClientSession): JsonRpcRequest {
  return liftRequest(message, { clientInfo: session.clientInfo, capabilities: NO_CAPABILITIES });
}

/** The `initialize` request with the envelope that its own parameters stand for. */
export function liftedInitialize(message: JsonRpcRequest): JsonRpcRequest {
  const info = message.params?.['clientInfo'];
  return liftRequest(message, { clientInfo: isObject(info) ? info : undefined, capabilities: NO_CAPABILITIES });
}

/** The answer to `initialize`, and the session id that the client is to send from now on. */
export function initialized(
  parts: Pick<Parts, 'storage'>,
  caller: Caller,
  message: JsonRpcRequest,
  endpoint: string | undefined,
  description: JsonObject,
): { readonly result: JsonObject; readonly headers: Record<string, string> } {
  const { protocolVersion, clientInfo } = message.params ?? {};
  const version = negotiateLegacyVersion(protocolVersion);
  const agreed = { version, clientInfo: isObject(clientInfo) ? clientInfo : undefined, endpoint: endpoint ?? null };
  const token = sealSession(parts.storage, caller, newSession(caller, agreed));
  return { result: initializeResult(description, version, { ...PRODUCT }), headers: { [HEADERS.session]: token } };
}

/** Names a call for `notifications/cancelled`: ids count per client session, and 1 is not "1". */
export function requestKey(session: LegacyClientSession, id: unknown): string {
  return `${session.sid} ${JSON.stringify(id)}`;
}
