/** A DPoP proof that is good in every other way. */
export interface ShownProof {
  /** JWK thumbprint of its key (RFC 7638). */
  readonly thumbprint: string;
  readonly jti: string;
  /** Epoch seconds, by the client's clock. */
  readonly issuedAt: number;
}

/** Seconds by which the time of a proof may lie before or after ours. */
export const ACCEPTED_SECONDS = 60;

/** Remembers proofs for as long as they are acceptable, so that each is good once (RFC 9449 §11.1). */
export abstract class UsedProofs {
  /** Epoch seconds; a proof from before may have been used without a trace. */
  abstract readonly since: number;

  /** True for the first sight of a proof. `now` in epoch seconds. Rejects where that cannot be told. */
  abstract use(proof: ShownProof, now: number): Promise<boolean>;
}
