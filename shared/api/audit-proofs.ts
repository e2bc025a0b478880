import { z } from 'zod';

/** `GET /api/v1/audit/checkpoint`: what the log commits to now. */
export const auditCheckpointSchema = z.object({
  /** Number of records. */
  size: z.number().int(),
  /** C2SP signed note (c2sp.org/tlog-checkpoint). */
  checkpoint: z.string(),
  /** C2SP verifier key of the note. */
  verifierKey: z.string(),
});
export type AuditCheckpoint = z.output<typeof auditCheckpointSchema>;

export const auditReceiptParametersSchema = z.strictObject({
  /** The reference of a call, or the id of any record. */
  id: z.uuidv7(),
});

const size = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

export const auditConsistencyQuerySchema = z.strictObject({
  /** Size of the earlier tree. */
  from: size,
  /** Size of the later one; the whole log where absent. */
  to: size.optional(),
});

/** `GET /api/v1/audit/consistency`: that the log's first `to` records begin with its first `from`. */
export const auditConsistencySchema = z.object({
  from: z.number().int(),
  to: z.number().int(),
  /** Hashes (base64) of RFC 6962 §2.1.2. */
  proof: z.array(z.string()),
  /** Roots (base64) of the perfect subtrees of the first `from` records, largest first: who has them can go on from there. */
  edge: z.array(z.string()),
  /** The newest signed note; over exactly `to` records where `to` was left out. */
  checkpoint: z.string(),
  verifierKey: z.string(),
});
export type AuditConsistency = z.output<typeof auditConsistencySchema>;
