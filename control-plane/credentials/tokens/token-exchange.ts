import * as oidc from 'openid-client';
import type { CredentialOf } from '../../config/credential-settings.js';
import type { SubjectTokens } from '../../identity/subject-tokens.js';
import { aimOf } from './aim.js';
import type { Grant } from './kept-tokens.js';
import { OF_THE_SESSION } from './session-tokens.js';
import type { TokenClients } from './token-client.js';
import { TokenRefused } from './token-refused.js';

const GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange';
const TYPE = 'urn:ietf:params:oauth:token-type';
const SUBJECT_TYPES = { 'access-token': `${TYPE}:access_token`, 'id-token': `${TYPE}:id_token` } as const;
/** What an MCP server can be sent; an ID token or a refresh token is none of it (RFC 8693 §3). */
const USABLE: ReadonlySet<unknown> = new Set([`${TYPE}:access_token`, `${TYPE}:jwt`]);

/** A token of the person for the server, for their token of the company's IdP (RFC 8693). */
export function tokenExchange(
  clients: TokenClients,
  people: Pick<SubjectTokens, 'subjectToken'>,
): Grant<CredentialOf<'token-exchange'>> {
  return {
    ...OF_THE_SESSION,
    ask: async ({ credential, settings, session }, scopes) => {
      const { value } = await people.subjectToken(session.id, credential.subjectToken);
      const parameters = {
        ...aimOf(credential, settings.url, scopes),
        requested_token_type: SUBJECT_TYPES['access-token'],
        subject_token: value,
        subject_token_type: SUBJECT_TYPES[credential.subjectToken],
      };
      const exchange = async (client: oidc.Configuration) =>
        requireUsable(await oidc.genericGrantRequest(client, GRANT, parameters));
      return await clients.token(credential, exchange, [value]);
    },
  };
}

/** RFC 8693 §2.2.1 wants it said in every answer. */
function requireUsable(answer: oidc.TokenEndpointResponse): oidc.TokenEndpointResponse {
  if (USABLE.has(answer['issued_token_type'])) return answer;
  throw new TokenRefused('the exchange gave no access token: its issued_token_type is another one');
}
