/** The audit log and what is derived from it: conventions as in `schema.ts`. */

/** Append only. `header` is the canonical JSON (RFC 8785) whose hash is the Merkle leaf at `idx`. */
export interface AuditRecordsTable {
  idx: number; // dense, from 0
  id: string; // uuid v7
  header: string;
  leaf: Buffer;
}

/** What is personal, sealed under the subject's key; deleting that key erases the person and breaks nothing. */
export interface AuditPayloadsTable {
  record_id: string;
  kind: string; // of `shared/audit-log/record-kinds.ts`: with the month of the id it is the partition
  subject: string;
  sealed: Buffer;
}

export interface AuditSubjectKeysTable {
  subject: string;
  sealed_key: Buffer; // empty once it is erased: the row stays, so that nobody makes a new one
  created_at: number;
  erased_at: number | null;
}

/** The months of a kind whose personal part goes or is gone. */
export interface AuditExpirationsTable {
  kind: string;
  month: string; // `2026-11`, UTC
  record_id: string | null; // the `audit.expire` that says so; null before it is written, and where there was nothing to lose
  decided_at: number;
  done_at: number | null; // null while something of it may still be there
}

/** What search filters by. Derived from records, so it proves nothing and may be rebuilt or erased. */
export interface AuditIndexTable {
  record_id: string;
  ts: number;
  type: string;
  phase: string;
  ref: string | null; // the intent that an outcome belongs to
  subject: string | null;
  client: string | null; // lower-case, two lines: the registered client, and the client's own claim
  server: string | null;
  target: string | null;
  decision: string | null;
  // Null in rows from before 009-audit-search, whatever the record says.
  session: string | null;
  group_set: string | null; // of audit_sets: the person's groups as of then
  policy_set: string | null; // of audit_sets: the policies that decided
  trace: string | null;
  agent_session: string | null; // by the client's own claim
  outcome: string | null; // on the row of the outcome, not of its intent
  code: string | null;
  grant_id: string | null;
}

/** The members of sets that many rows of the index share. The same members always have the same id. */
export interface AuditSetsTable {
  id: string; // hash of kind and members
  kind: string; // 'groups' | 'policies'
  member: string;
}

/** The last signed checkpoint, written with the records that it covers: a log that was cut while we slept is noticed. */
export interface AuditCheckpointsTable {
  kid: string; // of the signing key
  size: number;
  note: string; // C2SP signed note
}

/** One row: the settings that a control plane last started with. */
export interface StartedSettingsTable {
  id: string; // always 'started'
  digests: string; // JSON: keyed hash (hex) by top-level key
  started_at: number;
}

/** How far each sink of the settings has the log. */
export interface AuditExportsTable {
  sink: string;
  next: number; // index of the first record that it does not have
  changed_at: number;
  failing_since: number | null; // null while records get through
  failure: string | null; // in words, for operators
}

/** Roots of perfect subtrees of 256 leaves and more, so that a proof reads few rows. Derived from the leaves. */
export interface AuditNodesTable {
  level: number; // 8 or more: the subtree has 2 ** level leaves
  idx: number; // its number on that level, from 0
  hash: Buffer;
}

/** Every checkpoint that leaves the box, once for each place that it goes to; of old ones that have left, one a day stays. */
export interface AuditPublishedTable {
  sink: string; // 'file:PATH', 'webhook:ORIGIN', 'object-storage:BUCKET'
  size: number;
  note: string; // C2SP signed note
  made_at: number;
  published_at: number | null; // null while it waits
}

/** What nobody may erase or let expire. All that is null is no condition; where all is, everything is held. */
export interface LegalHoldsTable {
  id: string; // hld_…
  person_id: string | null;
  server: string | null;
  from_time: number | null;
  to_time: number | null; // from when on it covers nothing
  sealed: Buffer; // JSON: the name
  created_by: string;
  created_at: number;
  released_by: string | null;
  released_at: number | null; // null while it holds
  sealed_release: Buffer | null; // JSON: why it was released
}
