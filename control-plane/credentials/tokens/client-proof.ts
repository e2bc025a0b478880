import * as oidc from 'openid-client';
import { SecretUnreadable } from '../../config/secret-reference.js';
import { readClientKey, type ClientKey } from '../../identity/idp/client-key.js';
import type { SecretReaders } from '../secret-source.js';

const ENTRA_HOSTS = new Set([
  'login.microsoftonline.com',
  'login.microsoftonline.us',
  'login.partner.microsoftonline.cn',
]);

/** How we prove at a token endpoint who we are. */
export interface ClientProof {
  readonly authentication: oidc.ClientAuth;
  /** What is sent for it. */
  readonly secrets: readonly string[];
}

interface ProofSettings {
  readonly clientSecret?: string | undefined;
  readonly privateKey?: string | undefined;
}

/** @throws SecretUnreadable where it can't be read, or the server takes none of it. */
export async function proofOf(
  { clientSecret, privateKey }: ProofSettings,
  server: oidc.ServerMetadata,
  read: SecretReaders,
): Promise<ClientProof> {
  if (clientSecret !== undefined) {
    const secret = await read.value(clientSecret);
    return { authentication: bySecret(secret, server), secrets: [secret] };
  }
  if (privateKey === undefined) {
    throw new SecretUnreadable('nothing proves the client', 'add clientSecret, or privateKey');
  }
  return { authentication: await byKey(await read.content(privateKey), server), secrets: [] };
}

/**
 * `client_secret_basic`, or `client_secret_post` where the metadata lists only that one (RFC 8414 §2: without a list it
 * is basic).
 */
function bySecret(
  secret: string,
  { token_endpoint_auth_methods_supported: listed }: oidc.ServerMetadata,
): oidc.ClientAuth {
  const taken = listed ?? ['client_secret_basic'];
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
 */
async function byKey(text: string, server: oidc.ServerMetadata): Promise<oidc.ClientAuth> {
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
