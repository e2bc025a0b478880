import type { IncomingHttpHeaders } from 'node:http';
import { initializeResult, liftRequest, negotiateLegacyVersion } from '#shared/mcp/eras.js';
import { HEADERS } from '#shared/mcp/headers.js';
import type { JsonObject, JsonRpcRequest, RequestId } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import { META } from '#shared/mcp/meta.js';
import type { Caller } from '../../identity/caller.js';
import { PRODUCT } from '../../observability/product.js';
import { MessageFault } from '../call/message-fault.js';
import type { Parts } from '../parts.js';
import { newSession, openSession, sealSession, type LegacyClientSession } from './legacy-session.js';

/** The session that a legacy client names. Throws `request_invalid` without one and `not_found` where it does not open. */
export function requireSession(
  parts: Pick<Parts, 'storage' | 'clientSessions'>,
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
  if (session && !parts.clientSessions.isEnded(session)) return session;
  throw new MessageFault('not_found', { id, message: 'This MCP session has ended. Begin again with `initialize`.' });
}

/** A legacy client's request in the form that the steps work on. */
export function lifted(
  message: JsonRpcRequest,
  { clientInfo, capabilities }: LegacyClientSession,
  logLevel: string | undefined,
): JsonRpcRequest {
  return liftRequest(message, { clientInfo, capabilities, logLevel });
}

/** The session that an `initialize` request begins, by what the client says of itself in it. */
export function agreedSession(
  caller: Caller,
  { params }: JsonRpcRequest,
  endpoint: string | undefined,
): LegacyClientSession {
  const { protocolVersion, clientInfo, capabilities } = params ?? {};
  return newSession(caller, {
    version: negotiateLegacyVersion(protocolVersion),
    clientInfo: isObject(clientInfo) ? clientInfo : undefined,
    capabilities: isObject(capabilities) ? capabilities : {},
    endpoint: endpoint ?? null,
  });
}

/** The answer to `initialize`, and the session id that the client is to send from now on. */
export function initialized(
  parts: Pick<Parts, 'storage'>,
  caller: Caller,
  session: LegacyClientSession,
  description: JsonObject,
): { readonly result: JsonObject; readonly headers: Record<string, string> } {
  const token = sealSession(parts.storage, caller, session);
  const meta = isObject(description['_meta']) ? description['_meta'] : {};
  const info = meta[META.serverInfo];
  return {
    result: initializeResult(description, session.version, isObject(info) ? info : { ...PRODUCT }),
    headers: { [HEADERS.session]: token },
  };
}

/** Names a call for `notifications/cancelled`: ids count per client session, and 1 is not "1". */
export function requestKey(session: LegacyClientSession, id: unknown): string {
  return `${session.sid} ${JSON.stringify(id)}`;
}
