import * as oidc from 'openid-client';
import { CodedError } from '#shared/errors.js';
import type { CredentialOf } from '../../config/credential-settings.js';
import type { SubjectTokens } from '../../identity/subject-tokens.js';
import type { Grant } from './kept-tokens.js';
import { OF_THE_SESSION } from './session-tokens.js';
import type { TokenClients } from './token-client.js';
import { TokenRefused } from './token-refused.js';

const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
/** What only the person can put right (OpenID Connect Core §3.1.2.6). */
const WANTS_THE_PERSON: ReadonlySet<string> = new Set(['interaction_required', 'login_required']);

/**
 * Microsoft Entra ID: a token of the person for the server, for their access token
 * (learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow). Not run against Entra ID itself.
 */
export function onBehalfOf(
  clients: TokenClients,
  people: Pick<SubjectTokens, 'subjectToken'>,
): Grant<CredentialOf<'on-behalf-of'>> {
  return {
    ...OF_THE_SESSION,
    ask: async ({ credential, session, server }, scopes) => {
      const { value: assertion } = await people.subjectToken(session.id, 'access-token');
      const parameters = { assertion, scope: scopes.join(' '), requested_token_use: 'on_behalf_of' };
      try {
        return await clients.token(credential, (client) => oidc.genericGrantRequest(client, GRANT, parameters), [
          assertion,
        ]);
      } catch (error) {
        throw error instanceof TokenRefused && WANTS_THE_PERSON.has(error.error ?? '')
          ? signInAgain(server, error)
          : error;
      }
    },
  };
}

function signInAgain(server: string, cause: TokenRefused): CodedError {
  return new CodedError('credential_unavailable', {
    message:
      'The company’s identity provider wants a new sign-in before it opens this server for you. Sign in again (`mcp-sso login`); if that changes nothing, tell your administrator.',
    detail: `servers.${server}.credential: ${cause.message}`,
    cause,
  });
}
