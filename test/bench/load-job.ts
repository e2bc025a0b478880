import type { JWK } from 'jose';

/** Whoever calls: no credentials, a bearer token, or a token bound to a key. */
export interface LoadClient {
  readonly accessToken?: string;
  /** JWKs of the DPoP key. */
  readonly key?: { readonly private: JWK; readonly public: JWK };
}

export interface LoadJob {
  readonly url: string;
  /** The Host header. */
  readonly host: string;
  /** Address that proofs name. */
  readonly target: string;
  /** Header lines, each with its line end. */
  readonly headers: string;
  readonly body: string;
  readonly clients: readonly LoadClient[];
  readonly connections: number;
  readonly seconds: number;
  /** Proofs to make beforehand, for each client. */
  readonly proofs: number;
}

export interface LoadResult {
  readonly answers: number;
  readonly seconds: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly failures: readonly string[];
}
