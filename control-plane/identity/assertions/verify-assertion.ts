import { decodeJwt, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey, type JWTVerifyResult } from 'jose';
import { CodedError } from '#shared/errors.js';
import { refusedGrant } from '../grants/token-error.js';

/** Never `none`, and nothing that is keyed with a shared secret. */
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
const MAX_LENGTH = 8192;
const MAX_TEXT = 255;
/** Seconds by which the issuer's clock may be ahead. */
const TOLERANCE = 30;

export interface AssertionRules {
  readonly issuer: string;
  /** The only audience that it may have: one that is also for others could be replayed by them. */
  readonly audience: string;
  readonly keys: JWTVerifyGetKey;
  /** Accepted `typ` headers, lower-case and without `application/`; `undefined` where it may be missing. */
  readonly types: readonly (string | undefined)[];
  /** Seconds from `iat` to `exp`. */
  readonly longest: number;
}

/** Claims of an assertion whose signature, type, issuer, audience and times are right. Times are epoch seconds. */
export type AssertionClaims = JWTPayload & { readonly sub: string; readonly iat: number; readonly exp: number };

/** The issuer that an assertion names, unproved: it only chooses whose keys are asked. Throws `invalid_grant`. */
export function claimedIssuer(assertion: string): string {
  if (assertion.length > MAX_LENGTH) throw refusedGrant('The assertion is longer than 8192 characters.');
  try {
    const { iss } = decodeJwt(assertion);
    if (typeof iss === 'string') return iss;
  } catch {
    throw refusedGrant('The assertion is no JWT.');
  }
  throw refusedGrant('The assertion names no issuer.');
}

/** RFC 7523 §3. `now`: epoch milliseconds. Throws `invalid_grant`, or `idp_unreachable` where the keys cannot be read. */
export async function verifyAssertion(assertion: string, rules: AssertionRules, now: number): Promise<AssertionClaims> {
  const { payload, protectedHeader } = await verified(assertion, rules);
  if (!rules.types.includes(protectedHeader.typ?.toLowerCase().replace(/^application\//, ''))) {
    throw refusedGrant('The assertion is a token of another type.');
  }
  requireAudience(payload.aud, rules.audience);
  const claims = { ...payload, sub: textOf(payload.sub), iat: payload.iat ?? 0, exp: payload.exp ?? 0 };
  requireTimes(claims, rules.longest, now / 1000);
  return claims;
}

async function verified(assertion: string, { issuer, keys }: AssertionRules): Promise<JWTVerifyResult> {
  if (assertion.length > MAX_LENGTH) throw refusedGrant('The assertion is longer than 8192 characters.');
  try {
    return await jwtVerify(assertion, keys, {
      issuer,
      algorithms: ALGORITHMS,
      clockTolerance: TOLERANCE,
      requiredClaims: ['sub', 'iat', 'exp', 'aud'],
    });
  } catch (error) {
    if (error instanceof CodedError) throw error;
    if (error instanceof errors.JWTExpired) throw refusedGrant('The assertion has expired.');
    if (error instanceof errors.JWTClaimValidationFailed) {
      throw refusedGrant(`The assertion’s claim ${error.claim} is missing or not acceptable here.`);
    }
    throw refusedGrant('The assertion is not signed by a key of its issuer.');
  }
}

function requireAudience(actual: JWTPayload['aud'], expected: string): void {
  const all = [actual].flat();
  if (all.length !== 1 || all[0] !== expected) {
    throw refusedGrant(`The assertion’s aud must be ${expected} and nothing else.`);
  }
}

function requireTimes({ iat, exp }: AssertionClaims, longest: number, now: number): void {
  if (!Number.isFinite(iat) || !Number.isFinite(exp) || exp <= now) throw refusedGrant('The assertion has expired.');
  if (iat > now + TOLERANCE) throw refusedGrant('The assertion was issued in the future. Check the issuer’s clock.');
  if (exp - iat > longest) throw refusedGrant(`The assertion must be good for at most ${longest} seconds.`);
}

function textOf(value: unknown): string {
  if (typeof value === 'string' && value !== '' && value.length <= MAX_TEXT) return value;
  throw refusedGrant('The assertion’s claim sub is missing or not acceptable here.');
}
