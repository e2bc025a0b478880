import * as oidc from 'openid-client';
import { SecretUnreadable } from '../../config/secret-reference.js';
import { readClientKey, type ClientKey } from '../../identity/idp/client-key.js';
import type { SecretReaders } from '../secret-source.js';
import { clientSecretBasic } from './client-secret-basic.js';

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

/**
 * The ways to prove it, the best first; the next one is for a server that takes not the one before.
 * @throws SecretUnreadable where it can't be read, or the server takes none of it.
 */
export async function proofsOf(
  { clientSecret, privateKey }: ProofSettings,
  server: oidc.ServerMetadata,
  read: SecretReaders,
): Promise<readonly ClientProof[]> {
  if (clientSecret !== undefined) {
    const secret = await read.value(clientSecret);
    return bySecret(secret, server).map((authentication) => ({ authentication, secrets: [secret] }));
  }
  if (privateKey === undefined) {
    throw new SecretUnreadable('nothing proves the client', 'add clientSecret, or privateKey');
  }
  return [{ authentication: await keyProof(await read.content(privateKey), server), secrets: [] }];
}

/** Whether a server may have refused how we proved ourselves, rather than what we asked for (RFC 6749 §5.2). */
export function isAboutProof(error: unknown): boolean {
  if (error instanceof oidc.WWWAuthenticateChallengeError) return error.status === 401;
  return error instanceof oidc.ResponseBodyError && ['invalid_client', 'invalid_request'].includes(error.error);
}

/**
 * `client_secret_basic` and `client_secret_post`, those of them that the metadata lists. Without a list it is basic
 * (RFC 8414 §2), and post where no metadata was read. A server may list both and hold each client to one of them.
 */
function bySecret(secret: string, server: oidc.ServerMetadata): readonly [oidc.ClientAuth, ...oidc.ClientAuth[]] {
  const { token_endpoint_auth_methods_supported: listed } = server;
  const taken = listed ?? ['client_secret_basic', ...(isUnread(server) ? ['client_secret_post'] : [])];
  const post = taken.includes('client_secret_post') ? [oidc.ClientSecretPost(secret)] : [];
  if (taken.includes('client_secret_basic')) return [clientSecretBasic(secret), ...post];
  const [only] = post;
  if (only !== undefined) return [only];
  const fix = 'register a key there, and set privateKey';
  throw new SecretUnreadable('the authorization server takes no client secret', fix);
}

/** Built from a fixed `tokenEndpoint`: a published one names more than that. */
function isUnread(server: oidc.ServerMetadata): boolean {
  return Object.keys(server).every((key) => key === 'issuer' || key === 'token_endpoint');
}

/**
 * `private_key_jwt` (RFC 7523 §2.2). The assertion is for the issuer; for the token endpoint where Microsoft Entra ID
 * wants that, which also finds the key by the certificate beside it.
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
