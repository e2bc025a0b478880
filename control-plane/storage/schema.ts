import type {
  AuditCheckpointsTable,
  AuditExpirationsTable,
  AuditExportsTable,
  AuditIndexTable,
  AuditNodesTable,
  AuditPayloadsTable,
  AuditPublishedTable,
  AuditRecordsTable,
  AuditSetsTable,
  AuditSubjectKeysTable,
  LegalHoldsTable,
  StartedSettingsTable,
} from './audit-tables.js';
import type {
  ConnectionAttemptsTable,
  ConnectionRequestsTable,
  ConnectionRevocationsTable,
  ConnectionsTable,
  RootKeysTable,
  SecretMarksTable,
  UpstreamClientsTable,
} from './credential-tables.js';
import type {
  ApprovalVotesTable,
  ApprovalsTable,
  CandidateDifferencesTable,
  CatalogActivationsTable,
  GrantRequestsTable,
  GrantsTable,
  MessageDeliveriesTable,
  PolicyCandidatesTable,
  ToolDefinitionsTable,
} from './policy-tables.js';

/**
 * Every table, as Kysely sees it. Times are epoch milliseconds, ids are text made in Node, JSON is text,
 * booleans are 0 | 1, `Buffer` is a blob. Columns named `sealed*` hold AES-256-GCM ciphertext.
 */
export interface Database {
  persons: PersonsTable;
  sessions: SessionsTable;
  login_attempts: LoginAttemptsTable;
  oidc_payloads: OidcPayloadsTable;
  signing_keys: SigningKeysTable;
  secrets: SecretsTable;
  audit_records: AuditRecordsTable;
  audit_payloads: AuditPayloadsTable;
  audit_subject_keys: AuditSubjectKeysTable;
  audit_index: AuditIndexTable;
  audit_expirations: AuditExpirationsTable;
  audit_sets: AuditSetsTable;
  audit_checkpoints: AuditCheckpointsTable;
  audit_nodes: AuditNodesTable;
  audit_published: AuditPublishedTable;
  audit_exports: AuditExportsTable;
  started_settings: StartedSettingsTable;
  legal_holds: LegalHoldsTable;
  catalog_revisions: CatalogRevisionsTable;
  catalog_active: CatalogActiveTable;
  installation: InstallationTable;
  dpop_proofs: DpopProofsTable;
  used_tokens: UsedTokensTable;
  sign_in_cutoffs: SignInCutoffsTable;
  scim_users: ScimUsersTable;
  scim_groups: ScimGroupsTable;
  scim_members: ScimMembersTable;
  break_glass_codes: BreakGlassCodesTable;
  catalog_activations: CatalogActivationsTable;
  tool_definitions: ToolDefinitionsTable;
  grants: GrantsTable;
  grant_requests: GrantRequestsTable;
  approvals: ApprovalsTable;
  approval_votes: ApprovalVotesTable;
  policy_candidates: PolicyCandidatesTable;
  candidate_differences: CandidateDifferencesTable;
  message_deliveries: MessageDeliveriesTable;
  root_keys: RootKeysTable;
  secret_marks: SecretMarksTable;
  connections: ConnectionsTable;
  connection_requests: ConnectionRequestsTable;
  connection_revocations: ConnectionRevocationsTable;
  connection_attempts: ConnectionAttemptsTable;
  upstream_clients: UpstreamClientsTable;
}

/** A person is `(issuer, subject)`; the e-mail address is only shown. */
interface PersonsTable {
  id: string; // usr_…
  provider: string;
  issuer: string;
  subject: string;
  email: string | null;
  name: string | null;
  created_at: number;
  /** Since when nobody gets in as this person; null while they may. */
  disabled_at: number | null;
  disabled_by: string | null; // the path by which it was said: scim:okta, ssf:okta
  /** When all of theirs was last ended: what they proved until then lets nobody in. */
  signed_out_at: number | null;
  /** Since when nothing is known of them but the id: issuer and subject stand for nobody then. */
  erased_at: number | null;
}

/** One sign-in of one client. The id is also the grant id and the `sid` claim of its tokens. */
export interface SessionsTable {
  id: string;
  person_id: string;
  client_id: string;
  device_name: string | null;
  address: string;
  groups: string; // JSON string[] of <provider>/<group>
  acr: string | null;
  amr: string; // JSON string[]
  auth_time: number;
  sealed_idp_refresh_token: Buffer;
  /** JSON of what else the IdP gave at its last answer; null where no server has tokens made from it. */
  sealed_idp_tokens: Buffer | null;
  idp_checked_at: number;
  /** Until when one control plane has the sole right to ask the IdP; 0 while nobody asks. */
  idp_check_until: number;
  /** Since when the IdP was asked without an answer; 0 where it has answered. */
  idp_asked_at: number;
  created_at: number;
  last_used_at: number;
  expires_at: number;
  ended_at: number | null;
  ended_reason: string | null;
  kind: string; // 'person' | 'service' | 'break-glass'
  actors: string; // JSON: who acts for the person, nearest first (the chain of RFC 8693 `act`)
  idle_seconds: number | null; // null: no limit
  idp_session: string | null; // `sid` of the IdP's ID token
  managed_device: number; // 0 | 1, by the IdP's word
}

/** A browser's way through the IdP, from the first redirect to the confirm page. One use, ten minutes. */
interface LoginAttemptsTable {
  id: string; // SHA-256 of the `state` or of the one-time key that the browser holds
  interaction: string;
  sealed: Buffer;
  expires_at: number;
}

/** oidc-provider's models (codes, grants, refresh tokens, interactions …), sealed, found by hashed id. */
interface OidcPayloadsTable {
  model: string;
  id_hash: string;
  grant_id: string | null;
  uid_hash: string | null;
  user_code_hash: string | null;
  sealed: Buffer;
  consumed_at: number | null;
  expires_at: number | null;
}

export interface SigningKeysTable {
  kid: string;
  /** What the key signs: `tokens` or `assertions` (ES256), or `audit` (Ed25519). */
  purpose: string;
  sealed_private_jwk: Buffer;
  created_at: number;
  /** From when it signs; until then it is only published. */
  active_from: number;
  /** From when nothing that it signed is accepted; null while it signs. */
  retire_at: number | null;
}

/** The vault: each version has its own data key, wrapped by the root key and bound to name and version. */
interface SecretsTable {
  name: string;
  version: number;
  wrapped_key: Buffer;
  sealed: Buffer;
  created_at: number;
  expires_at: number | null; // from when it may not be used
  retired_at: number | null; // from when it is used no more; its key and value are gone then
}

/** Append only: what servers, roles and policies were at some time. */
interface CatalogRevisionsTable {
  number: number; // dense, from 1
  parent: number | null;
  sha256: string; // hex, of the content
  source: string; // 'files' | 'api'
  author: string; // who made it: a person's id, or 'system' for files
  sealed: Buffer; // JSON of the content
  created_at: number;
  message: string | null; // its author's
}

/** One row: the revision that every control plane serves. */
interface CatalogActiveTable {
  id: string; // always 'active'
  number: number;
  applied_sha256: string | null; // of the directory that the leader applied last
  activated_at: number;
}

/** One row, written at the first start: what only this installation's root key opens. */
interface InstallationTable {
  id: string; // always 'installation'
  sealed_proof: Buffer;
  created_at: number;
}

/** DPoP proofs that were shown to any replica and are still acceptable (PostgreSQL; one process remembers by itself). */
interface DpopProofsTable {
  id: string; // SHA-256 of key thumbprint and jti
  expires_at: number;
}

/** Assertions and signals that were taken once and are still acceptable. */
interface UsedTokensTable {
  id: string; // SHA-256 of issuer and jti
  expires_at: number;
}

/** When sign-ins of a person, or of a session of the IdP, were last ended as a whole: those begun by then come to nothing. */
interface SignInCutoffsTable {
  id: string; // SHA-256 of whom or what it is about
  cut_at: number;
}

/** A user as a provider's SCIM client says (RFC 7643 §4.1). */
interface ScimUsersTable {
  id: string;
  provider: string;
  user_name_key: string; // lower-case
  external_id: string | null;
  active: number; // 0 | 1
  sealed: Buffer; // JSON of the resource
  created_at: number;
  changed_at: number;
}

interface ScimGroupsTable {
  id: string;
  provider: string;
  display_name: string;
  external_id: string | null;
  created_at: number;
  changed_at: number;
}

interface ScimMembersTable {
  group_id: string;
  user_id: string;
}

/** Codes that were made on the server's host for when the IdP is down. */
interface BreakGlassCodesTable {
  id: string; // SHA-256 of the code
  sealed: Buffer; // JSON: who made it, why, for how long
  created_at: number;
  expires_at: number;
  used_at: number | null;
}
