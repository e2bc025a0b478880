/** The tables of the policy: conventions as in `schema.ts`. */

/** Append only: when which revision became active, so that a past decision can be explained. */
export interface CatalogActivationsTable {
  id: string; // uuid v7
  number: number;
  activated_at: number;
}

/** Every definition that a server gave of a tool, by its hash. */
export interface ToolDefinitionsTable {
  server: string;
  tool: string;
  sha256: string; // hex, of the canonical JSON (RFC 8785)
  definition: string; // JSON
  state: string; // 'accepted' | 'pending' | 'rejected'
  first_seen_at: number;
  last_seen_at: number;
  decided_at: number | null;
  decided_by: string | null; // a person's id, `first-use` or `lock`
}

/** What somebody may do for some time although no policy permits it. */
export interface GrantsTable {
  id: string; // gra_…
  kind: string; // 'grant' | 'break-glass'
  person_id: string;
  server: string;
  tool: string | null; // null: the whole server
  sealed: Buffer; // JSON: the reason
  created_by: string;
  created_at: number;
  expires_at: number;
  ended_at: number | null; // before its time
  ended_by: string | null;
  reviewed_at: number | null; // break-glass: when somebody looked into it
  reviewed_by: string | null;
}

export interface GrantRequestsTable {
  id: string; // grq_…
  state: string; // 'open' | 'granted' | 'refused'
  person_id: string;
  server: string;
  tool: string | null;
  sealed: Buffer; // JSON: reason, minutes, the reference of the denial
  created_at: number;
  expires_at: number;
  decided_at: number | null;
  decided_by: string | null;
  grant_id: string | null;
}

/** One call that waits for somebody's approval, or had it. */
export interface ApprovalsTable {
  id: string; // apr_…
  state: string; // 'open' | 'approved' | 'refused' | 'used'
  digest: string; // keyed hash of person, server, target, arguments and revision, hex
  person_id: string;
  session_id: string;
  server: string;
  target: string;
  revision: string;
  groups: string; // JSON string[][]: somebody of each has to approve
  policies: string; // JSON string[]
  sealed: Buffer; // JSON: what the approver sees (arguments, reason)
  created_at: number;
  expires_at: number;
  decided_at: number | null;
  used_at: number | null;
}

export interface ApprovalVotesTable {
  approval_id: string;
  approver: string; // a person's id
  verdict: string; // 'approve' | 'refuse'
  groups: string; // JSON string[]: theirs when they voted
  voted_at: number;
}

/** Policies that are evaluated beside those in force. */
export interface PolicyCandidatesTable {
  id: string; // cnd_…
  sha256: string; // hex, of the content
  sealed: Buffer; // JSON of the content
  author: string;
  message: string | null;
  created_at: number;
  ended_at: number | null;
}

/** Calls that a candidate would have decided otherwise, counted. */
export interface CandidateDifferencesTable {
  candidate_id: string;
  person_id: string;
  server: string;
  target: string;
  live: string; // outcome
  candidate: string; // outcome
  calls: number;
  last_record: string; // id of the audit record
  last_at: number;
}

/** Messages to people (webhook, mail) that still have to be delivered. */
export interface MessageDeliveriesTable {
  id: string; // uuid v7
  channel: string;
  event: string;
  sealed: Buffer; // JSON of the message
  attempts: number;
  next_at: number;
  created_at: number;
}
