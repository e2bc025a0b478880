import * as oidc from 'openid-client';
import { SecretUnreadable } from '../../config/secret-reference.js';
import type { CredentialOf } from '../../config/credential-settings.js';
import type { SubjectTokens } from '../../identity/subject-tokens.js';
import type { Grant } from './kept-tokens.js';
import { OF_THE_SESSION } from './session-tokens.js';
import type { TokenClients } from './token-client.js';

const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

type Settings = CredentialOf<'cross-app-access'>;

/** What a server publishes of who gives tokens for it (RFC 9728 §2). */
export interface PublishedResource {
  readonly resource: string | undefined;
  readonly authorizationServers: readonly string[];
}
type FindResource = (url: string) => Promise<PublishedResource>;

/** The authorization server of a server, and the server as that one knows it. */
interface Target {
  readonly issuer: string;
  readonly resource: string | undefined;
}

/**
 * A token of the person for the server, for what the company's IdP asserts about them (ID-JAG): the assertion by our
 * client at the IdP (RFC 8693), the token by our client at the server's authorization server (RFC 7523 §2.1).
 * draft-ietf-oauth-identity-assertion-authz-grant; MCP extension Enterprise-Managed Authorization.
 */
export function crossAppAccess(
  clients: TokenClients,
  people: Pick<SubjectTokens, 'identityAssertion'>,
  find: FindResource,
): Grant<CredentialOf<'cross-app-access'>> {
  return {
    ...OF_THE_SESSION,
    ask: async ({ credential, settings, session }, scopes) => {
      const { issuer, resource } = await targetOf(credential, settings.url, find);
      const at = { ...credential, issuer };
      // Before anybody vouches for anyone there: it is what it says it is, and takes what we bring.
      if (at.tokenEndpoint === undefined) requireTaken(await clients.metadata(issuer));
      const { clientId } = credential;
      const aim = { audience: issuer, resource, scopes, clientId };
      const { value: assertion } = await people.identityAssertion(session.id, aim);
      const parameters = { assertion, ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }) };
      const token = await clients.token(at, (client) => oidc.genericGrantRequest(client, GRANT, parameters), [
        assertion,
      ]);
      return { ...token, secrets: [...token.secrets, assertion] };
    },
  };
}

async function targetOf(settings: Settings, url: string | undefined, find: FindResource): Promise<Target> {
  const { issuer, resource } = settings;
  if (issuer !== undefined) return { issuer, resource: resource === 'none' ? undefined : (resource ?? url) };
  if (settings.clientSecret !== undefined || url === undefined) throw withoutIssuer();
  const published = await find(url);
  const [named] = published.authorizationServers;
  if (named === undefined) throw withoutIssuer('the server publishes no authorization server');
  return { issuer: named, resource: resource === 'none' ? undefined : (resource ?? published.resource ?? url) };
}

/** A secret goes to nobody whom only the server names. */
function withoutIssuer(why = 'it does not say whose client the secret is of'): SecretUnreadable {
  return new SecretUnreadable(why, 'set issuer to the one of the server’s authorization server');
}

function requireTaken({ issuer, grant_types_supported: taken }: oidc.ServerMetadata): void {
  if (taken === undefined || taken.includes(GRANT)) return;
  throw new SecretUnreadable(
    `${URL.parse(issuer)?.host ?? 'the authorization server'} takes no identity assertions (its grant_types_supported lacks jwt-bearer)`,
    'choose another kind, such as oauth',
  );
}
