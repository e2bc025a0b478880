import type { CredentialOf } from '../../config/credential-settings.js';

/** The authorization server that the settings themselves name; undefined where the MCP server says it. */
export function namedIssuer({
  issuer,
  authorizationEndpoint,
}: Pick<CredentialOf<'oauth'>, 'issuer' | 'authorizationEndpoint'>): string | undefined {
  return issuer ?? (authorizationEndpoint === undefined ? undefined : new URL(authorizationEndpoint).origin);
}
