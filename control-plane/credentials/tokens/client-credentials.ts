import * as oidc from 'openid-client';
import type { CredentialOf } from '../../config/credential-settings.js';
import { aimOf } from './aim.js';
import { OF_THE_COMPANY, type Grant } from './kept-tokens.js';
import type { TokenClients } from './token-client.js';

/** The company's own token of an authorization server (RFC 6749 §4.4). */
export function clientCredentials(clients: TokenClients): Grant<CredentialOf<'client-credentials'>> {
  return {
    ...OF_THE_COMPANY,
    ask: ({ credential, settings }, scopes) =>
      clients.token(credential, (client) =>
        oidc.clientCredentialsGrant(client, aimOf(credential, settings.url, scopes)),
      ),
  };
}
