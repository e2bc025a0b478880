import * as oidc from 'openid-client';
import type { CredentialOf } from '../../../config/credential-settings.js';
import type { AuthorizationServer } from '../discovery/authorization-server.js';
import type { ClientIdentity } from '../client-identity.js';
import type { Discovery } from '../discovery/discovery.js';
import type { PendingRevocation } from './pending-revocation.js';

export interface Revoking {
  readonly discovery: Pick<Discovery, 'serverAt'>;
  readonly clients: Pick<ClientIdentity, 'configuration'>;
}

/** What the authorization server made of it: `none` where it takes no such wishes. */
export type Revoked = 'revoked' | 'none';

const NO_SETTINGS: CredentialOf<'oauth'> = { kind: 'oauth', parameters: {} };

/**
 * RFC 7009, for each token, as the client that got it. To revoke one twice is harmless (§2.2).
 * @throws what the discovery and openid-client throw: then it has to be tried again.
 */
export async function revokeTokens({ discovery, clients }: Revoking, pending: PendingRevocation): Promise<Revoked> {
  const settings = pending.settings ?? NO_SETTINGS;
  const server = withEndpoint(await discovery.serverAt(pending, settings), settings);
  if (server.revocation_endpoint === undefined) return 'none';
  const configuration = await clients.configuration(server, pending.client, settings);
  let revoked: Revoked = 'none';
  for (const { hint, value } of pending.tokens) {
    if (await isRevoked(configuration, value, hint)) revoked = 'revoked';
  }
  return revoked;
}

function withEndpoint(
  server: AuthorizationServer,
  { revocationEndpoint: endpoint }: CredentialOf<'oauth'>,
): AuthorizationServer {
  return endpoint === undefined ? server : { ...server, revocation_endpoint: endpoint, reach: 'private' };
}

/** False for a kind of token that the authorization server does not revoke (§2.2.1). */
async function isRevoked(configuration: oidc.Configuration, token: string, hint: string): Promise<boolean> {
  try {
    await oidc.tokenRevocation(configuration, token, { token_type_hint: hint });
    return true;
  } catch (error) {
    if (error instanceof oidc.ResponseBodyError && error.error === 'unsupported_token_type') return false;
    throw error;
  }
}
