import type { JWK } from 'jose';

/** Whoever calls: no credentials, a bearer token, or a token bound to a key. */
export interface LoadClient {
  readonly accessToken?: string;
  /** JWKs of the DPoP key. */
  readonly key?: { readonly private: JWK; readonly public: JWK };
  /** A session that this client has opened at the far side (2025-11-25 and older). */
  readonly session?: string;
}

export interface LoadJob {
  readonly url: string;
  /** Where the requests go in turn, in place of the path of `url`. */
  readonly paths?: readonly string[];
  /** The Host header. */
  readonly host: string;
  /** Address that proofs name. */
  readonly target: string;
  /** Header lines, each with its line end. */
  readonly headers: string;
  /** One JSON-RPC request with the id 1; each connection has an id of its own. */
  readonly body: string;
  readonly clients: readonly LoadClient[];
  readonly connections: number;
  readonly seconds: number;
  /** Proofs to make beforehand, for each client. */
  readonly proofs: number;
  /** `url` is the event stream of HTTP+SSE (2024-11-05), which says where messages go. */
  readonly sse?: boolean;
}

export interface LoadResult {
  readonly answers: number;
  readonly seconds: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly failures: readonly string[];
}
