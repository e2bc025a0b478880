/** The tables of the credentials: conventions as in `schema.ts`. */

/**
 * One row: the key that everything stored is sealed under, wrapped by a key-encryption key. Without a row it is the master key
 * itself that seals (installations from before there were rows).
 */
export interface RootKeysTable {
  generation: number; // counts the wrappings, from 1; `installation` says which one counts
  kek: string; // which key-encryption key wraps it: `local:<fingerprint>`, `aws-kms:<arn>` …
  wrapped: Buffer;
  created_at: number;
  rewrapped_at: number;
}

/** How far each secret has got: what was deleted or put back in `secrets` is noticed. */
export interface SecretMarksTable {
  name: string;
  sealed: Buffer; // JSON: the highest version, and those that are used no more
}

/** What a person has at a server: tokens that were given for them alone. At most one for each person and server. */
export interface ConnectionsTable {
  id: string; // con_…
  person_id: string;
  server: string;
  issuer: string; // of the authorization server that gave the tokens
  resource: string; // RFC 8707: what they are for
  client: string; // id of the row of upstream_clients, or `settings`
  sealed: Buffer; // JSON: access token, refresh token …
  scopes: string; // JSON string[], as granted
  state: string; // 'active' | 'refused' (the refresh token holds no more)
  generation: number; // counts what was stored, from 1
  expires_at: number | null; // of the access token, where the server said
  refresh_until: number; // until when one control plane has the sole right to refresh; 0 while none does
  created_at: number;
  changed_at: number;
  last_used_at: number;
  refused_at: number | null; // since when it opens nothing
}

/** Tokens that are to be revoked where they were given (RFC 7009), until that has worked or a day is over. */
export interface ConnectionRevocationsTable {
  id: string; // uuid v7
  server: string;
  sealed: Buffer; // JSON: the tokens, their issuer, the revocation endpoint, the client
  attempts: number;
  next_at: number;
  created_at: number;
}

/** What a held call waits for, and what the page shows: who asks for a connection to which server. */
export interface ConnectionRequestsTable {
  id: string; // cnr_…
  person_id: string;
  session_id: string | null; // null: asked for on the page or by the CLI
  server: string;
  state: string; // 'open' | 'done' | 'refused'
  sealed: Buffer; // JSON: client, device, address, scopes, reason
  created_at: number;
  expires_at: number;
  decided_at: number | null;
}

/** A browser's way through an authorization server of a server. One use, ten minutes. */
export interface ConnectionAttemptsTable {
  id: string; // SHA-256 of `state`
  person_id: string;
  server: string;
  request_id: string | null;
  sealed: Buffer; // JSON: verifier, issuer, client, scopes, the browser's key
  expires_at: number;
}

/** Ourselves as a client of somebody's authorization server, where it registers clients (RFC 7591). */
export interface UpstreamClientsTable {
  id: string; // ucl_…
  issuer: string;
  redirect_uri: string;
  sealed: Buffer; // JSON of the registration response
  created_at: number;
  expires_at: number | null; // client_secret_expires_at
}
