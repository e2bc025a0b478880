import * as oidc from 'openid-client';
import type { ClientAuthentication } from '../../config/provider-settings.js';
import { readClientKey } from './client-key.js';
import type { Ways } from './presets.js';

export interface ClientCredential {
  readonly authentication: ClientAuthentication;
  /** The secret or the private key, read anew at each discovery, so that a rotated one is taken up. */
  readonly read: () => Promise<string>;
}

/**
 * How we prove at the token endpoint who we are (OpenID Connect Core §9). `client_secret_post` is the default: two real
 * servers refuse the percent-encoding that RFC 6749 §2.3.1 wants in Basic.
 */
export async function clientAuthentication(
  { authentication, read }: ClientCredential,
  { assertionAudience, subjectClaim }: Ways,
): Promise<oidc.ClientAuth> {
  const credential = await read();
  if (authentication === 'client_secret_post') return oidc.ClientSecretPost(credential);
  if (authentication === 'client_secret_basic') return oidc.ClientSecretBasic(credential);
  const { key, kid, certificate } = await readClientKey(credential, subjectClaim === 'oid');
  return (server, client, body, headers) => {
    const sign = oidc.PrivateKeyJwt(kid === undefined ? key : { key, kid }, {
      [oidc.modifyAssertion]: (header, payload) => {
        if (assertionAudience === 'token-endpoint') payload['aud'] = server.token_endpoint;
        if (certificate !== undefined) header['x5t#S256'] = certificate;
      },
    });
    return sign(server, client, body, headers);
  };
}
