import { z } from 'zod';
import { disclosureSchema } from '../audit-log/receipt.js';
import { personSchema } from './person.js';

/** `GET /api/v1/audit`: filters are joined by AND; times are RFC 3339 with offset, `until` is exclusive; newest first. */
export const auditQuerySchema = z.strictObject({
  /** `me` stands for the caller, and is all that a caller without one of the roles may ask for. */
  user: z.string().min(1).optional(),
  /** Of the person as of then: `<provider>/<group>`, or the group's name alone. */
  group: z.string().min(1).optional(),
  client: z.string().min(1).optional(),
  server: z.string().min(1).optional(),
  tool: z.string().min(1).optional(),
  decision: z.enum(['allow', 'deny']).optional(),
  /** Id of a policy that decided. */
  policy: z.string().min(1).optional(),
  outcome: z.enum(['ok', 'tool_error', 'error', 'cancelled', 'unknown']).optional(),
  type: z.string().min(1).optional(),
  session: z.string().min(1).optional(),
  /** Trace id (W3C Trace Context), 32 hexadecimal digits. */
  trace: z.string().min(1).optional(),
  /** The app's own id of its conversation, which it claims: for auditors, and for one's own records. */
  agentSession: z.string().min(1).optional(),
  /** In captured arguments and results, whatever the case: for auditors, and for one's own records. */
  text: z.string().min(2).max(200).optional(),
  /** One record and what belongs to it. */
  id: z.string().min(1).optional(),
  since: z.iso.datetime({ offset: true }).optional(),
  until: z.iso.datetime({ offset: true }).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.string().optional(),
});
export type AuditQuery = z.output<typeof auditQuerySchema>;

/** One thing that happened: for a call, the intent joined with its outcome. */
const auditEntrySchema = z.object({
  id: z.string(),
  /** RFC 3339, UTC. */
  time: z.string(),
  /** `tool.call`, `resource.read`, `prompt.get`, `list`, `auth.sign-in`, `auth.sign-out`, `auth.refused`, `audit.read`, `session.end`, `server.output-read`, `system.start` … */
  type: z.string(),
  person: personSchema.nullable(),
  /** Whom it was done to: the owner of a session that was ended. */
  affected: personSchema.nullable(),
  client: z
    .object({
      /** The registered OAuth client: proved by the token. */
      id: z.string(),
      /** What the AI app says of itself: its own claim, never proof. */
      claimedName: z.string().nullable(),
      claimedVersion: z.string().nullable(),
    })
    .nullable(),
  /** Who acted for the person, nearest first: ids of service accounts. */
  actors: z.array(z.string()).default([]),
  server: z.string().nullable(),
  target: z.string().nullable(),
  decision: z.enum(['allow', 'deny']).nullable(),
  /** Ids of the policies that made the decision; empty on a default denial. */
  policies: z.array(z.string()),
  reason: z.string().nullable(),
  /** How a sign-in was done (`browser`, `device, approved from …`), what an audit read asked for … */
  detail: z.string().nullable(),
  credential: z.string().nullable(),
  address: z.string().nullable(),
  session: z.string().nullable(),
  /** `ok`, `tool_error`, `error`, `cancelled`, `unknown` (it may have taken effect: the answer was never seen), or null where nothing was called. */
  outcome: z.enum(['ok', 'tool_error', 'error', 'cancelled', 'unknown']).nullable(),
  /** Milliseconds from decision to outcome. */
  duration: z.number().nullable(),
  /** Why personal fields may be null: the reader's role withholds them, the person was erased, the time that it is kept for is over (`audit.retention`), or the stored data is not what was logged. */
  payload: z.enum(['shown', 'withheld', 'erased', 'expired', 'damaged']),
});
export type AuditEntry = z.output<typeof auditEntrySchema>;

export const auditPageSchema = z.object({
  entries: z.array(auditEntrySchema),
  nextCursor: z.string().nullable(),
  /** Of a search for text, which may find nothing on a page and still have more to look at: how many records were opened, and back to which time (RFC 3339). */
  looked: z.object({ records: z.number().int(), backTo: z.string().nullable() }).optional(),
});
export type AuditPage = z.output<typeof auditPageSchema>;

export const auditLogQuerySchema = z.strictObject({
  /** Index of the first header. */
  from: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
  /** `shown`, for auditors: the personal part of each record too. */
  payloads: z.enum(['shown', 'withheld']).default('withheld'),
});

/** `GET /api/v1/audit/log?from=N`: the canonical headers from index N on, and the signed checkpoint over all of them. */
export const auditLogSchema = z.object({
  from: z.number().int(),
  headers: z.array(z.string()),
  /** The hash (base64) under which each header was logged; pins an edit to its record, and proves nothing by itself. */
  leaves: z.array(z.string()),
  /** The personal part of each record: where it was not asked for, whether it is there. */
  payloads: z.array(disclosureSchema).default([]),
  /** C2SP signed note (c2sp.org/tlog-checkpoint). */
  checkpoint: z.string(),
  /** C2SP verifier key of the note. */
  verifierKey: z.string(),
});
export type AuditLog = z.output<typeof auditLogSchema>;
