import * as oidc from 'openid-client';
import { SecretUnreadable } from '../../config/secret-reference.js';
import { readClientKey, type ClientKey } from '../../identity/idp/client-key.js';

const ENTRA_HOSTS = new Set([
  'login.microsoftonline.com',
  'login.microsoftonline.us',
  'login.partner.microsoftonline.cn',
]);

/**
 * A client secret by `client_secret_basic`, or by `client_secret_post` where the metadata lists only that one
 * (RFC 8414 §2: without a list it is basic).
 * @throws SecretUnreadable where the server takes neither.
 */
export function secretProof(
  secret: string,
  { token_endpoint_auth_methods_supported }: oidc.ServerMetadata,
): oidc.ClientAuth {
  const taken = token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  if (taken.includes('client_secret_basic')) return oidc.ClientSecretBasic(secret);
  if (taken.includes('client_secret_post')) return oidc.ClientSecretPost(secret);
  throw new SecretUnreadable(
    'the authorization server takes no client secret',
    'register a key there, and set privateKey',
  );
}

/**
 * `private_key_jwt` (RFC 7523 §2.2). The assertion is for the issuer; for the token endpoint where Microsoft Entra ID
 * wants that, which also finds the key by the certificate beside it.
 * @param text the private key, PEM or JWK.
 */
export async function keyProof(text: string, server: oidc.ServerMetadata): Promise<oidc.ClientAuth> {
  const endpoint = server.token_endpoint ?? server.issuer;
  const isEntra = ENTRA_HOSTS.has(new URL(endpoint).hostname);
  const { key, kid, certificate } = await readKey(text, isEntra);
  return oidc.PrivateKeyJwt(kid === undefined ? key : { key, kid }, {
    [oidc.modifyAssertion]: (header, payload) => {
      if (isEntra) payload['aud'] = endpoint;
      if (certificate !== undefined) header['x5t#S256'] = certificate;
    },
  });
}

async function readKey(text: string, isEntra: boolean): Promise<ClientKey> {
  try {
    return await readClientKey(text, isEntra);
  } catch {
    throw new SecretUnreadable('privateKey holds no private key', 'write one as PEM (PKCS #8) or JWK, RSA or EC');
  }
}
