import type { ProviderSettings } from '../../config/provider-settings.js';

type Proof = ProviderSettings['freshSignIn'];

/** What is known of a sign-in: times in epoch milliseconds, `maxAge` in seconds. */
interface Evidence {
  /** `auth_time`; null or 0 where the provider does not say. */
  readonly said: number | null;
  /** What was asked of the sign-in. */
  readonly maxAge: number | undefined;
  /** From before the request was made. */
  readonly begunAt: number;
}

/**
 * The `max_age` (seconds) of the request. Where nothing but the request itself proves the sign-in, half of the time is left to
 * the person: a code may come back that much later and still prove enough. 0 is refused by some providers.
 */
export function askedAge(proof: Proof, maxAge: number): number {
  return proof === 'auth-time' ? maxAge : Math.max(1, Math.floor(maxAge / 2));
}

/**
 * When the person signed in, at the earliest; null where nothing proves it. A pushed request (RFC 9126) cannot be changed in the browser,
 * and no code of another request would be redeemed with its verifier and nonce: a provider that follows `max_age` has given the code to
 * somebody whose sign-in was not older than that.
 */
export function signedInSince(proof: Proof, { said, maxAge, begunAt }: Evidence): number | null {
  if (said !== null && said > 0) return said;
  return proof === 'auth-time' || maxAge === undefined ? null : begunAt - askedAge(proof, maxAge) * 1_000;
}
