/** What is demanded of the sign-in behind a request: that it is fresh, or of a certain kind (RFC 9470). */
export interface StepUp {
  /** Seconds that it may be old; absent where any age will do. */
  readonly maxAge?: number;
  /** Its `acr` must be one of these; absent where any will do, empty where none can. */
  readonly acrValues?: readonly string[];
}

/**
 * Whether a sign-in is what is demanded, at this moment (epoch milliseconds). Only the provider's own `auth_time` and `acr`
 * count: a time that it does not say is old for ever, and what `amr` holds says nothing about `acr`.
 */
export function meets(
  { authTime, acr }: { readonly authTime: number; readonly acr: string | null },
  { maxAge, acrValues }: StepUp,
  now: number,
): boolean {
  const isFresh = maxAge === undefined || (authTime > 0 && now - authTime <= maxAge * 1000);
  return isFresh && (acrValues === undefined || (acr !== null && acrValues.includes(acr)));
}

/** The demand as parameters of a challenge (RFC 9470 §3). */
export function stepUpParameters({ maxAge, acrValues }: StepUp): string[] {
  return [
    ...(maxAge === undefined ? [] : [`max_age="${maxAge}"`]),
    ...(acrValues === undefined ? [] : [`acr_values="${acrValues.join(' ')}"`]),
  ];
}

/** RFC 9470 §3. */
export const STEP_UP_ERROR = 'insufficient_user_authentication';

const ERROR = new RegExp(`\\berror="${STEP_UP_ERROR}"`);
const MAX_AGE = /\bmax_age="?(\d{1,9})\b/;
const ACR_VALUES = /\bacr_values="([\x20\x21\x23-\x5b\x5d-\x7e]{1,2000})"/;

/** The demand of a `WWW-Authenticate` header, whatever its scheme; undefined where it demands no other sign-in. */
export function stepUpIn(challenge: string | undefined): StepUp | undefined {
  if (challenge === undefined || !ERROR.test(challenge)) return undefined;
  const maxAge = MAX_AGE.exec(challenge)?.[1];
  const acrValues = ACR_VALUES.exec(challenge)?.[1];
  return {
    ...(maxAge === undefined ? {} : { maxAge: Number(maxAge) }),
    ...(acrValues === undefined ? {} : { acrValues: acrValues.split(' ') }),
  };
}
