import type { StepUp } from '#shared/api/step-up.js';
import type { EcPrivateJwk } from '../credential-store/saved-sign-in.js';

/** What the control plane says to a call that needs another sign-in. */
export interface StepUpChallenge {
  readonly demand: StepUp;
  /** By which it knows the session that the sign-in is to renew. */
  readonly handle: string;
}

/** A sign-in that renews the session which this computer has: its tokens stay bound to the same key. */
export interface StepUpRequest extends StepUpChallenge {
  readonly dpopKey: EcPrivateJwk;
}

/** Parameters of an authorization request (RFC 9470 §4, and our own `step_up`); none without a step-up. */
export function stepUpRequestParameters(request: StepUpRequest | undefined): Record<string, string> {
  if (request === undefined) return {};
  const { handle, demand } = request;
  return {
    step_up: handle,
    ...(demand.maxAge === undefined ? {} : { max_age: String(demand.maxAge) }),
    ...(demand.acrValues === undefined ? {} : { acr_values: demand.acrValues.join(' ') }),
  };
}
