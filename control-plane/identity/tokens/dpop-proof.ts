import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { CodedError } from '#shared/errors.js';
import type { AgentChain } from '#shared/mcp/agent-chain.js';
import { chainClaim } from './chain-claim.js';
import { isSignedByInBackground, parseJws, type ParsedJws } from './jws.js';
import { ACCEPTED_SECONDS, type UsedProofs } from './used-proofs.js';

/** The request that a proof must match (RFC 9449 §4.3). */
export interface ProvenRequest {
  readonly method: string;
  /** The configured URL; query and fragment do not count. */
  readonly url: string;
}

export interface ProofContext extends ProvenRequest {
  readonly accessToken: string;
  /** `cnf.jkt` of the access token. */
  readonly thumbprint: string;
}

/** Strict: a private part, or anything else beside the public point, is refused. */
const publicJwkSchema = z.strictObject({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: z.string().length(43),
  y: z.string().length(43),
  alg: z.literal('ES256').optional(),
  use: z.literal('sig').optional(),
  kid: z.string().optional(),
  key_ops: z.array(z.string()).optional(),
  ext: z.boolean().optional(),
});
const headerSchema = z.object({ typ: z.literal('dpop+jwt'), alg: z.literal('ES256'), jwk: publicJwkSchema });
const claimsSchema = z.object({
  jti: z.string().min(1).max(256),
  htm: z.string(),
  htu: z.string(),
  ath: z.string().optional(),
  iat: z.number(),
  /** Ours, of the bridge: `AgentChain`. */
  chain: z.unknown().optional(),
});
type PublicJwk = z.output<typeof publicJwkSchema>;
type ProofClaims = z.output<typeof claimsSchema>;

const MAX_KEYS = 5_000;

/** Checks DPoP proofs at the resource (RFC 9449 §7), and where a token is to be bound (§5). One use each. */
export class DpopVerifier {
  readonly #keys = new Map<string, KeyObject>();

  constructor(
    private readonly used: UsedProofs,
    private readonly now: () => number = Date.now,
  ) {}

  /**
   * Resolves to what the proof says of the agents behind the request. Rejects with `dpop_invalid`, or as `used` does.
   * `proofs` are the values of all `DPoP` header lines.
   */
  async verify(proofs: readonly string[], context: ProofContext): Promise<AgentChain | undefined> {
    const { jws, jwk, claims } = parseProof(proofs);
    await this.#checkKey(jws, jwk, context.thumbprint);
    checkRequest(claims, context);
    if (claims.ath !== createHash('sha256').update(context.accessToken).digest('base64url')) {
      throw refused('The DPoP proof was made for another token.');
    }
    await this.#checkOnce(claims, context.thumbprint);
    return chainClaim(claims.chain);
  }

  /** As `verify`, where there is no token yet. Resolves to the thumbprint (RFC 7638) of the key that was proved. */
  async verifyUnbound(proofs: readonly string[], request: ProvenRequest): Promise<string> {
    const { jws, jwk, claims } = parseProof(proofs);
    const thumbprint = thumbprintOf(jwk);
    if (!(await isSignedByInBackground(jws, importKey(jwk)))) throw refused();
    checkRequest(claims, request);
    await this.#checkOnce(claims, thumbprint);
    return thumbprint;
  }

  async #checkKey(jws: ParsedJws, jwk: PublicJwk, expected: string): Promise<void> {
    if (thumbprintOf(jwk) !== expected) throw refused('The DPoP proof was made with another key than the token.');
    if (!(await isSignedByInBackground(jws, this.#keyOf(jwk, expected)))) throw refused();
  }

  /** Cached by thumbprint: importing a key costs more than verifying with it. */
  #keyOf(jwk: PublicJwk, thumbprint: string): KeyObject {
    const known = this.#keys.get(thumbprint);
    if (known) return known;
    const key = importKey(jwk);
    if (this.#keys.size >= MAX_KEYS) this.#keys.clear();
    this.#keys.set(thumbprint, key);
    return key;
  }

  async #checkOnce(claims: { readonly jti: string; readonly iat: number }, thumbprint: string): Promise<void> {
    const { jti, iat: issuedAt } = claims;
    const now = this.now() / 1000;
    if (Math.abs(now - issuedAt) > ACCEPTED_SECONDS) {
      throw refused('The DPoP proof is not recent. Check the clock of this computer.');
    }
    if (issuedAt < this.used.since) throw refused('The DPoP proof is older than this server. Send a new one.');
    if (!(await this.used.use({ thumbprint, jti, issuedAt }, now))) throw refused('The DPoP proof was used before.');
  }
}

function parseProof(proofs: readonly string[]): { jws: ParsedJws; jwk: PublicJwk; claims: ProofClaims } {
  const [proof, ...more] = proofs;
  if (proof === undefined || more.length > 0) throw refused('Send exactly one DPoP proof with this token.');
  const jws = parseJws(proof);
  const header = headerSchema.safeParse(jws?.header);
  const claims = claimsSchema.safeParse(jws?.payload);
  if (!jws || !header.success || !claims.success || 'crit' in jws.header) throw refused();
  return { jws, jwk: header.data.jwk, claims: claims.data };
}

function checkRequest(claims: ProofClaims, context: ProvenRequest): void {
  if (claims.htm !== context.method) throw refused('The DPoP proof was made for another method.');
  const target = withoutQuery(context.url);
  if (target === undefined || withoutQuery(claims.htu) !== target) {
    throw refused('The DPoP proof was made for another address.');
  }
}

function withoutQuery(text: string): string | undefined {
  const url = URL.parse(text);
  return url === null ? undefined : `${url.origin}${url.pathname}`;
}

/** RFC 7638 §3: SHA-256 over the required members in lexical order. */
function thumbprintOf({ crv, kty, x, y }: PublicJwk): string {
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
}

function importKey({ crv, kty, x, y }: PublicJwk): KeyObject {
  try {
    return createPublicKey({ key: { crv, kty, x, y }, format: 'jwk' });
  } catch (cause) {
    throw new CodedError('dpop_invalid', { detail: 'jwk', cause });
  }
}

function refused(message?: string): CodedError {
  return new CodedError('dpop_invalid', message === undefined ? {} : { message });
}
