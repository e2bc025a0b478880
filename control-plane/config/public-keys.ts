import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { parseSecretReference, resolveSecret, type Environment } from './secret-reference.js';

/** A public key that may check signatures. */
export interface PublicJwk extends JsonWebKey {
  readonly kty: 'RSA' | 'EC' | 'OKP';
  readonly kid?: string;
  readonly alg?: string;
}

/** Text that holds no usable public keys; the message is fit to print. */
export class KeysUnusable extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'KeysUnusable';
  }
}

export interface KeyReferences {
  readonly publicKey?: string | undefined;
  readonly jwks?: string | undefined;
}

/** The keys behind the settings `publicKey` (PEM) or `jwks`. Throws KeysUnusable, or SecretUnreadable where there is no such text. */
export async function readPublicKeys(
  { publicKey, jwks }: KeyReferences,
  directory: string,
  environment: Environment,
): Promise<readonly PublicJwk[]> {
  const reference = parseSecretReference(publicKey ?? jwks ?? '');
  if (reference === undefined || reference.source === 'secret') throw new KeysUnusable('names no key');
  return publicKeysIn(await resolveSecret(reference, directory, environment));
}

/** A PEM public key, or a JWK Set (RFC 7517 §5) of public keys. Throws KeysUnusable. */
export function publicKeysIn(text: string): readonly PublicJwk[] {
  if (/PRIVATE KEY/.test(text)) throw new KeysUnusable('a private key; only the machine itself should have it');
  const keys = text.trimStart().startsWith('{') ? jwksIn(text) : [pemIn(text)];
  if (keys.length === 0) throw new KeysUnusable('holds no key');
  return keys;
}

function pemIn(text: string): PublicJwk {
  try {
    return usable(createPublicKey(text).export({ format: 'jwk' }));
  } catch (error) {
    throw error instanceof KeysUnusable ? error : new KeysUnusable('neither a PEM public key nor a JWK Set');
  }
}

function jwksIn(text: string): PublicJwk[] {
  try {
    const { keys } = JSON.parse(text) as { keys?: unknown };
    if (Array.isArray(keys)) return keys.map((key: JsonWebKey) => usable(key));
  } catch (error) {
    if (error instanceof KeysUnusable) throw error;
  }
  throw new KeysUnusable('not a JWK Set');
}

/** Never a shared secret, which whoever reads the settings could sign with. */
function usable(key: JsonWebKey): PublicJwk {
  const { kty, d } = key;
  if (d !== undefined) throw new KeysUnusable('a private key; only the machine itself should have it');
  if (kty !== 'RSA' && kty !== 'EC' && kty !== 'OKP') throw new KeysUnusable('a key of a kind that is no public key');
  createPublicKey({ key, format: 'jwk' });
  return { ...key, kty };
}
