import type { StepUp } from '#shared/api/step-up.js';
import type { ProviderSettings } from '../../config/provider-settings.js';

/** What was asked of the sign-in, and when the browser was sent there (epoch milliseconds). */
export interface Attempted {
  readonly demand: StepUp;
  readonly begunAt: number;
}

interface Answered {
  /** `auth_time` in epoch milliseconds; null or 0 where the provider does not say. */
  readonly said: number | null;
  /** Of the token response; undefined where it has none. */
  readonly scope: string | undefined;
}

/**
 * When the person signed in, at the earliest: epoch milliseconds; null where nothing proves it. The code was given after the browser was
 * sent (PKCE, nonce), and the scope with it only to a sign-in younger than `maxAge`. It counts from the token endpoint alone: what the browser asks
 * for proves nothing. A provider that says `auth_time` is believed in that.
 */
export function signedInSince(
  { said, scope }: Answered,
  { demand, begunAt }: Attempted,
  fresh: ProviderSettings['freshSignIn'],
): number | null {
  if (said !== null && said !== 0) return said;
  if (!fresh || demand.maxAge === undefined || scope?.split(' ').includes(fresh.scope) !== true) return null;
  return begunAt - fresh.maxAge * 1000;
}
