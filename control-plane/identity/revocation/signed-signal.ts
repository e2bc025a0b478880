import { decodeJwt, errors, jwtVerify, type JWTHeaderParameters, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import { CodedError, errorText } from '#shared/errors.js';

/** Never `none`, and nothing that is keyed with a shared secret. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const MAX_LENGTH = 8192;
const TOLERANCE_SECONDS = 30;

/** What a signal is refused for, in the words of RFC 8935 §2.4. */
export type Refusal =
  | 'invalid_request'
  | 'invalid_key'
  | 'invalid_issuer'
  | 'invalid_audience'
  | 'authentication_failed';

/** A signal that changes nothing. `message` is for its sender and names no person. */
export class SignalRefused extends Error {
  constructor(
    readonly refusal: Refusal,
    message: string,
  ) {
    super(message);
    this.name = 'SignalRefused';
  }
}

export interface SignalRules {
  readonly issuer: string;
  readonly audience: string;
  readonly keys: JWTVerifyGetKey;
  /** Accepted `typ` headers, lower-case and without `application/`; `undefined` where it may be missing. */
  readonly types: readonly (string | undefined)[];
  /** Seconds that `iat` may be old. */
  readonly maxAge: number;
}

/** Claims of a token whose signature, kind, issuer, audience and times are right. */
export type SignalClaims = JWTPayload & { readonly iss: string; readonly jti: string; readonly iat: number };

/** The issuer that a token names, unproved: it only chooses whose keys are asked. Throws SignalRefused. */
export function claimedIssuer(token: unknown): string {
  if (typeof token !== 'string' || token === '') throw new SignalRefused('invalid_request', 'There is no token.');
  if (token.length > MAX_LENGTH) throw new SignalRefused('invalid_request', 'The token is too long.');
  try {
    const { iss } = decodeJwt(token);
    if (typeof iss === 'string') return iss;
  } catch {
    throw new SignalRefused('invalid_request', 'The token is no JWT.');
  }
  throw new SignalRefused('invalid_issuer', 'The token names no issuer.');
}

/** Throws SignalRefused, or `idp_unreachable` where the keys cannot be read: then the sender may try again. */
export async function verifySignal(token: string, rules: SignalRules): Promise<SignalClaims> {
  const { issuer, audience, keys, types, maxAge } = rules;
  const { payload, protectedHeader } = await jwtVerify(token, keys, {
    issuer,
    audience,
    algorithms: ALGORITHMS,
    clockTolerance: TOLERANCE_SECONDS,
    maxTokenAge: maxAge,
    requiredClaims: ['jti', 'iat'],
  }).catch((error: unknown) => {
    throw refusalOf(error);
  });
  if (!types.includes(typeOf(protectedHeader)))
    throw new SignalRefused('invalid_request', 'The token is of another kind.');
  const { iss, jti, iat } = payload;
  if (iss === undefined || iat === undefined || typeof jti !== 'string' || jti === '' || jti.length > 255) {
    throw new SignalRefused('invalid_request', 'The token has no usable jti.');
  }
  return { ...payload, iss, jti, iat };
}

function typeOf({ typ }: JWTHeaderParameters): string | undefined {
  return typ?.toLowerCase().replace(/^application\//, '');
}

function refusalOf(error: unknown): Error {
  if (error instanceof errors.JWTClaimValidationFailed || error instanceof errors.JWTExpired) {
    const refusal = error.claim === 'iss' ? 'invalid_issuer' : error.claim === 'aud' ? 'invalid_audience' : undefined;
    return new SignalRefused(refusal ?? 'invalid_request', `The claim ${error.claim} is missing or not acceptable.`);
  }
  const isAboutKey =
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JWSSignatureVerificationFailed;
  if (isAboutKey) return new SignalRefused('invalid_key', 'The signature is by no key of the issuer.');
  const isAboutToken =
    error instanceof errors.JOSEAlgNotAllowed ||
    error instanceof errors.JOSENotSupported ||
    error instanceof errors.JWSInvalid ||
    error instanceof errors.JWTInvalid;
  if (isAboutToken) return new SignalRefused('invalid_request', 'The token is no JWT that is accepted here.');
  return new CodedError('idp_unreachable', { detail: errorText(error), cause: error });
}
