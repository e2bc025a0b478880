import type { IncomingMessage } from 'node:http';
import { SCOPES } from '#shared/api/paths.js';
import { CodedError } from '#shared/errors.js';
import { SERVER_ID } from '#shared/mcp/names.js';
import type { Caller, Credentials, Session } from '../../identity/caller.js';
import { credentialsOf } from '../../identity/request-credentials.js';
import { resourceMetadataUrl, resourcesOf } from '../../identity/resources.js';

export interface Identifier {
  requireToken(credentials: Credentials): string;
  confirm(sessionId: string): Promise<void>;
  readSession(sessionId: string): Promise<Session | undefined>;
  stepUpHandle(caller: Caller): string | undefined;
  watch(sessionId: string, end: (reason: CodedError) => void, isUse?: () => boolean): Disposable;
  identify(credentials: Credentials): Promise<Caller>;
}

/** The resource of an endpoint: `publicUrl/mcp`, or the one server's below it. */
function resourceOf(publicUrl: string, server: string | undefined): string {
  const { mcp } = resourcesOf(publicUrl);
  return server !== undefined && SERVER_ID.test(server) ? `${mcp}/${server}` : mcp;
}

/** Where a client that is refused learns how to sign in; the same for servers that exist and those that don't. */
export function metadataUrl(publicUrl: string, server: string | undefined): string {
  return resourceMetadataUrl(publicUrl, resourceOf(publicUrl, server));
}

/** Whoever has no token of ours gets no memory for a body; whoever has one, as much as its session may take. Throws `sign_in_needed` or `token_invalid`. */
export function requireToken(
  identity: Identifier,
  request: IncomingMessage,
  publicUrl: string,
  server: string | undefined,
): string {
  return identity.requireToken(credentialsAt(request, publicUrl, server));
}

/**
 * Step 2: whose request this is, with a token made for this endpoint and scope `mcp`.
 * Throws the identity errors and `scope_insufficient`.
 */
export async function identify(
  identity: Identifier,
  request: IncomingMessage,
  publicUrl: string,
  server: string | undefined,
): Promise<Caller> {
  const caller = await identity.identify(credentialsAt(request, publicUrl, server));
  if (!caller.scopes.includes(SCOPES.mcp)) throw new CodedError('scope_insufficient');
  return caller;
}

function credentialsAt(request: IncomingMessage, publicUrl: string, server: string | undefined): Credentials {
  const audiences = [...new Set([resourcesOf(publicUrl).mcp, resourceOf(publicUrl, server)])];
  return credentialsOf(request, publicUrl, audiences);
}
