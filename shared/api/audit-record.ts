import { z } from 'zod';

/** `GET /api/v1/audit/{id}`: by the reference of a call, or the id of any record. */
export const auditRecordParametersSchema = z.strictObject({ id: z.uuidv7() });

/** One record, with every field that it has; what each means is `docs/audit-record.md`. */
const auditRecordSchema = z.object({
  id: z.string(),
  /** Its place in the log, from 0. */
  index: z.number().int(),
  /** Of its form. */
  version: z.number().int(),
  /** RFC 3339, UTC. */
  time: z.string(),
  type: z.string(),
  phase: z.enum(['event', 'intent', 'outcome']),
  /** On an outcome: the id of its intent. */
  ref: z.string().nullable(),
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.array(z.string())])),
  /** HMAC-SHA256 (hex) of the personal part, as the leaf of the log has it. */
  commitment: z.string(),
  /** Null unless `payload` is `shown`; captured arguments and results are in it for auditors alone. */
  personal: z.record(z.string(), z.unknown()).nullable(),
  payload: z.enum(['shown', 'withheld', 'erased', 'expired', 'damaged']),
});
export type AuditRecord = z.output<typeof auditRecordSchema>;

/** The record and what belongs to it: of a call, its intent and its outcome, in the order of the log. */
export const auditRecordsSchema = z.object({ records: z.array(auditRecordSchema) });
export type AuditRecords = z.output<typeof auditRecordsSchema>;
