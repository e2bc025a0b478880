import { createHash, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { CodedError } from '#shared/errors.js';
import { isSignedBy, parseJws, type ParsedJws } from './jws.js';

/** What our access tokens say (RFC 9068 §2.2). Times are epoch seconds, as in every JWT. */
const claimsSchema = z.object({
  iss: z.string(),
  aud: z.string(),
  sub: z.string().min(1),
  client_id: z.string().min(1),
  sid: z.string().min(1),
  jti: z.string().min(1),
  iat: z.number(),
  exp: z.number(),
  scope: z.string().default(''),
  cnf: z.object({ jkt: z.string().min(1) }).optional(),
});
export type AccessTokenClaims = z.output<typeof claimsSchema>;

/** Public keys of the authorization server by `kid`. */
export type VerificationKeys = ReadonlyMap<string, KeyObject>;

interface Signed {
  readonly claims: AccessTokenClaims;
  readonly kid: string;
}

const TOLERANCE = 5;
const CACHED_SECONDS = 30;
const MAX_CACHED = 10_000;

/**
 * Checks our own access tokens. A token whose signature was good is remembered under its SHA-256 for 30 s;
 * its times and audience are checked on every call.
 */
export class AccessTokenVerifier {
  readonly #verified = new Map<string, Signed & { readonly until: number }>();

  constructor(
    private readonly issuer: string,
    private readonly keys: () => VerificationKeys,
    private readonly now: () => number = Date.now,
  ) {}

  /** Throws `token_invalid`; the reason stays in `detail`. */
  verify(token: string, audiences: readonly string[]): AccessTokenClaims {
    const now = this.now() / 1000;
    const claims = this.#claimsOf(token, now);
    // No tolerance here: this process issued the token, and 60 s since the IdP's check + 300 s is what a leaver may have.
    if (claims.exp <= now) throw refused('expired', 'The access token has expired.');
    if (claims.iat - TOLERANCE > now) throw refused('issued in the future');
    if (!audiences.includes(claims.aud)) throw refused('audience', 'The access token was made for another resource.');
    return claims;
  }

  #claimsOf(token: string, now: number): AccessTokenClaims {
    const hash = createHash('sha256').update(token).digest('base64');
    const known = this.#verified.get(hash);
    // A key that was dropped takes all that it signed with it.
    if (known && known.until > now && this.keys().has(known.kid)) return known.claims;
    this.#verified.delete(hash);
    const verified = verifySigned(token, this.issuer, this.keys());
    if (this.#verified.size >= MAX_CACHED) this.#forgetOldest();
    this.#verified.set(hash, { ...verified, until: now + CACHED_SECONDS });
    return verified.claims;
  }

  #forgetOldest(): void {
    const [oldest] = this.#verified.keys();
    if (oldest !== undefined) this.#verified.delete(oldest);
  }
}

function verifySigned(token: string, issuer: string, keys: VerificationKeys): Signed {
  const jws = parseJws(token);
  if (!jws) throw refused('not a JWT');
  const { kid, key } = keyOf(jws, keys);
  if (!isSignedBy(jws, key)) throw refused('signature');
  const claims = claimsSchema.safeParse(jws.payload);
  if (!claims.success) throw refused('claims');
  if (claims.data.iss !== issuer) throw refused('issuer');
  return { claims: claims.data, kid };
}

/** Only `kid` chooses the key, and only among our own: `jwk`, `jku` and `x5u` headers are never followed. */
function keyOf({ header }: ParsedJws, keys: VerificationKeys): { kid: string; key: KeyObject } {
  if (header['alg'] !== 'ES256') throw refused('alg');
  if (header['typ'] !== 'at+jwt') throw refused('typ');
  if ('crit' in header) throw refused('crit');
  const { kid } = header;
  const key = typeof kid === 'string' ? keys.get(kid) : undefined;
  if (typeof kid !== 'string' || !key) throw refused('kid');
  return { kid, key };
}

function refused(detail: string, message?: string): CodedError {
  return new CodedError('token_invalid', { detail, ...(message === undefined ? {} : { message }) });
}
