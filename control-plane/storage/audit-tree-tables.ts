/** The audit log's tree, beside its leaves in `audit_records`: conventions as in `schema.ts`. */

/** Roots of perfect subtrees of 256 leaves and more, so that a proof reads few rows. Derived from the leaves. */
export interface AuditNodesTable {
  level: number; // 8 or more: the subtree has 2 ** level leaves
  idx: number; // its number on that level, from 0
  hash: Buffer;
}

/** Append only: every checkpoint that leaves the box, once for each place that it goes to. */
export interface AuditPublishedTable {
  sink: string; // 'file:PATH', 'webhook:ORIGIN', 'object-storage:BUCKET'
  size: number;
  note: string; // C2SP signed note
  made_at: number;
  published_at: number | null; // null while it waits
}
