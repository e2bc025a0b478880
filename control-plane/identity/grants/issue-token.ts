import type { Provider, TokenEndpointGrantContext } from 'oidc-provider';
import type { Session } from '../caller.js';
import type { Granted } from './granted.js';

type Client = TokenEndpointGrantContext['oidc']['client'];

interface Token extends Pick<Granted, 'resource' | 'scopes' | 'issuedTokenType'> {
  readonly key: string | undefined;
  /** The grant type that it comes from. */
  readonly type: string;
}

/** The one access token of a session, as the token endpoint answers (RFC 6749 §5.1). There is no refresh token. */
export async function issueToken(
  provider: Provider,
  client: Client,
  { id, person, expiresAt }: Session,
  { resource, scopes, issuedTokenType, key, type }: Token,
): Promise<Record<string, unknown>> {
  const scope = scopes.join(' ');
  // Rounded up, so that a call never outlives its token while the session seems to live.
  const expiresIn = Math.max(1, Math.ceil((expiresAt - Date.now()) / 1000));
  const token = new provider.AccessToken({ accountId: person.id, client, grantId: id, gty: type, scope, expiresIn });
  token.resourceServer = new provider.ResourceServer(resource, {
    scope,
    audience: resource,
    accessTokenFormat: 'jwt',
    accessTokenTTL: expiresIn,
    jwt: { sign: { alg: 'ES256' } },
  });
  if (key !== undefined) token.setThumbprint('jkt', key);
  const accessToken = await token.save();
  return {
    access_token: accessToken,
    ...(issuedTokenType === undefined ? {} : { issued_token_type: issuedTokenType }),
    token_type: token.tokenType,
    expires_in: expiresIn,
    scope,
  };
}
