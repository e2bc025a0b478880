import { createRemoteJWKSet, jwtVerify, type JWTVerifyGetKey } from 'jose';
import { CodedError } from '#shared/errors.js';

/** What a key that is published may have signed with; never `none`, never a shared secret. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
const TIMEOUT_MS = 10_000;
/** However many tokens name a key that nobody knows, the keys are read once in this time; a new key waits no longer. */
const COOLDOWN_MS = 25_000;
const KEPT_MS = 300_000;
const TOLERANCE_S = 30;

/**
 * Signature and time of a provider's ID tokens (OpenID Connect Core §3.1.3.7); issuer, audience and nonce are checked
 * where the answer is read.
 */
export class IdTokenCheck {
  #known: { readonly address: string; readonly keys: JWTVerifyGetKey } | undefined;

  /** `address`: the provider's `jwks_uri`. Throws `sign_in_failed` for a token from the future, else what jose throws. */
  async check(idToken: string, address: string | undefined): Promise<void> {
    if (address === undefined) throw new TypeError('the metadata of the identity provider names no jwks_uri');
    const options = { algorithms: ALGORITHMS, clockTolerance: TOLERANCE_S, requiredClaims: ['iat', 'exp'] };
    const { payload } = await jwtVerify(idToken, this.#keysAt(address), options);
    const ahead = (payload.iat ?? 0) - Math.floor(Date.now() / 1000);
    if (ahead > TOLERANCE_S) throw fromTheFuture(ahead);
  }

  #keysAt(address: string): JWTVerifyGetKey {
    if (this.#known?.address !== address) {
      const limits = { timeoutDuration: TIMEOUT_MS, cooldownDuration: COOLDOWN_MS, cacheMaxAge: KEPT_MS };
      this.#known = { address, keys: createRemoteJWKSet(new URL(address), limits) };
    }
    return this.#known.keys;
  }
}

function fromTheFuture(seconds: number): CodedError {
  return new CodedError('sign_in_failed', {
    message:
      `The clock of the identity provider is ${seconds} seconds ahead of the control plane’s. Ask your administrator ` +
      'to set both by the same time server.',
  });
}
