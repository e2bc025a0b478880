import type { StepUp } from '#shared/api/step-up.js';
import { CodedError } from '#shared/errors.js';
import type { Session } from './caller.js';

/** The sign-in behind a request is not what is demanded of it (RFC 9470). `message` is public. */
export class StepUpNeeded extends CodedError {
  constructor(
    readonly demand: StepUp,
    message: string,
  ) {
    super('step_up_needed', { message });
  }
}

/**
 * Whether a sign-in is what is demanded, at this moment (epoch milliseconds). Only the provider's own `auth_time` and `acr`
 * count: a time that it does not say is old for ever, and what `amr` holds says nothing about `acr`.
 */
export function meets(
  { authTime, acr }: Pick<Session, 'authTime' | 'acr'>,
  { maxAge, acrValues }: StepUp,
  now: number,
): boolean {
  const isFresh = maxAge === undefined || (authTime > 0 && now - authTime <= maxAge * 1000);
  return isFresh && (acrValues === undefined || (acr !== null && acrValues.includes(acr)));
}
