import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import type { SigningJwk, StoredKey } from './stored-keys.js';

/** The keys of one moment. */
export interface KeySet {
  /** What the JWKS shows, the one that signs first: oidc-provider signs with the first that fits. */
  readonly published: readonly SigningJwk[];
  /** The public halves by `kid`. */
  readonly verification: ReadonlyMap<string, KeyObject>;
}

/**
 * Those that are published at `now` (epoch milliseconds), the one that signs first: of those that may already sign, the
 * last to begin. `keys` are in the order of `readKeys`. Throws where there is none.
 */
export function publishedAt(keys: readonly StoredKey[], now: number): readonly SigningJwk[] {
  const valid = keys.filter(({ retireAt }) => retireAt === null || retireAt > now);
  // A clock that was set back must not leave us without a key.
  const signing = valid.find(({ activeFrom }) => activeFrom <= now) ?? valid.at(-1);
  if (!signing) throw new Error('there is no key that signs');
  return [signing, ...valid.filter((key) => key !== signing)].map(({ jwk }) => jwk);
}

export function keySetOf(published: readonly SigningJwk[]): KeySet {
  const verification = new Map(published.map((jwk) => [jwk.kid, publicKeyOf(jwk)]));
  return { published, verification };
}

function publicKeyOf({ kty, crv, x, y }: SigningJwk): KeyObject {
  return createPublicKey({ key: { kty, crv, x, y } as JsonWebKey, format: 'jwk' });
}
