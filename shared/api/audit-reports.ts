import { z } from 'zod';
import { personSchema } from './person.js';

/** What the reports of the audit answer. They are made of the index, which is derived from the records and proves nothing by itself. */
const time = z.iso.datetime({ offset: true });

/** Which calls a report is about. As in `auditQuerySchema`: joined by AND, `until` exclusive. */
const calls = {
  user: z.string().min(1).optional(),
  /** Of the person as of the call: `<provider>/<group>`, or the group's name alone. */
  group: z.string().min(1).optional(),
  client: z.string().min(1).optional(),
  server: z.string().min(1).optional(),
  tool: z.string().min(1).optional(),
  policy: z.string().min(1).optional(),
  since: time.optional(),
  until: time.optional(),
};
const decision = z.enum(['allow', 'deny']).optional();
const page = { limit: z.coerce.number().int().min(1).max(5000).default(1000), cursor: z.string().optional() };

/** How often, and when first and last (RFC 3339, UTC). */
const counted = {
  calls: z.number().int(),
  denied: z.number().int(),
  first: z.string(),
  last: z.string(),
};

export const callReportQuerySchema = z.strictObject({ ...calls, decision, ...page });
export type CallReportQuery = z.output<typeof callReportQuerySchema>;

const client = z.object({
  /** The registered OAuth client, in lower case. */
  id: z.string(),
  /** What the app claims to be, in lower case; null for readers without the auditor role. */
  claimedName: z.string().nullable(),
});

/** `GET /api/v1/audit/reports/access`: who reaches which server through which app. */
const accessRowSchema = z.object({
  server: z.string(),
  person: personSchema.nullable(),
  client,
  /** Different tools, resources and prompts. */
  tools: z.number().int(),
  ...counted,
});
export type AccessRow = z.output<typeof accessRowSchema>;
export const accessReportSchema = z.object({ rows: z.array(accessRowSchema), nextCursor: z.string().nullable() });
export type AccessReport = z.output<typeof accessReportSchema>;

const effect = z.enum(['read', 'write', 'destroy']);
const reached = {
  server: z.string(),
  target: z.string(),
  /** `tool.call`, `resource.read`, `prompt.get` or `method.use`. */
  type: z.string(),
  /** Of a tool, by the settings of today; null for anything else. */
  effect: effect.nullable(),
};

/** `GET /api/v1/audit/reports/exposure`: which groups reach which tools. A person counts in each of their groups. */
const exposureRowSchema = z.object({
  /** Null for records that do not say the person's groups. */
  group: z.string().nullable(),
  ...reached,
  persons: z.number().int(),
  ...counted,
});
export type ExposureRow = z.output<typeof exposureRowSchema>;
export const exposureReportSchema = z.object({ rows: z.array(exposureRowSchema), nextCursor: z.string().nullable() });
export type ExposureReport = z.output<typeof exposureReportSchema>;

/** `GET /api/v1/audit/reports/comparison`: what two groups reached; a denied call reached nothing. */
export const comparisonQuerySchema = z.strictObject({
  left: z.string().min(1),
  right: z.string().min(1),
  server: z.string().min(1).optional(),
  tool: z.string().min(1).optional(),
  since: time.optional(),
  until: time.optional(),
  ...page,
});
export type ComparisonQuery = z.output<typeof comparisonQuerySchema>;
const side = z.object({ calls: z.number().int(), persons: z.number().int() });
const comparisonRowSchema = z.object({
  reachedBy: z.enum(['both', 'left', 'right']),
  ...reached,
  left: side,
  right: side,
});
export type ComparisonRow = z.output<typeof comparisonRowSchema>;
export const comparisonReportSchema = z.object({
  rows: z.array(comparisonRowSchema),
  nextCursor: z.string().nullable(),
});
export type ComparisonReport = z.output<typeof comparisonReportSchema>;

/** `GET /api/v1/audit/reports/denials`: the most frequent first. */
export const denialsQuerySchema = z.strictObject({
  ...calls,
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});
export type DenialsQuery = z.output<typeof denialsQuerySchema>;
const denialRowSchema = z.object({
  /** Ids of the policies that forbade it; empty where none permits it. */
  policies: z.array(z.string()),
  /** Why, where no policy and no want of one said so. */
  code: z.string().nullable(),
  person: personSchema.nullable(),
  server: z.string().nullable(),
  target: z.string().nullable(),
  count: z.number().int(),
  first: z.string(),
  last: z.string(),
  /** References of the first and the last of them. */
  samples: z.array(z.string()),
});
export type DenialRow = z.output<typeof denialRowSchema>;
/** `more`: there are others, less frequent. */
export const denialsReportSchema = z.object({ rows: z.array(denialRowSchema), more: z.boolean() });
export type DenialsReport = z.output<typeof denialsReportSchema>;

/** `GET /api/v1/audit/reports/unused-grants`: what lets people in, and no call has made use of for `days`. */
export const unusedQuerySchema = z.strictObject({ days: z.coerce.number().int().min(1).max(3650).default(90) });
const unusedRowSchema = z.object({
  kind: z.enum(['grant', 'approval', 'connection', 'policy']),
  id: z.string(),
  person: personSchema.nullable(),
  server: z.string().nullable(),
  tool: z.string().nullable(),
  /** When it was given, made or approved; null for policies. */
  since: z.string().nullable(),
  lastUsed: z.string().nullable(),
});
export type UnusedRow = z.output<typeof unusedRowSchema>;
/** `more`: of grants, approvals or connections there are above a thousand. */
export const unusedReportSchema = z.object({ rows: z.array(unusedRowSchema), more: z.boolean() });
export type UnusedReport = z.output<typeof unusedReportSchema>;

/** `GET /api/v1/audit/reports/review`: who has access to one server, for whom the settings name as its owners, and for roles. */
export const accessReviewQuerySchema = z.strictObject({
  server: z.string().min(1),
  since: time.optional(),
  ...page,
});
export type AccessReviewQuery = z.output<typeof accessReviewQuerySchema>;
const accessReviewRowSchema = z.object({
  person: personSchema.nullable(),
  /** As of their last call; null where it is not on record. */
  groups: z.array(z.string()).nullable(),
  tools: z.array(z.string()),
  calls: z.number().int(),
  denied: z.number().int(),
  /** Their last call that was let through. */
  lastUsed: z.string().nullable(),
  /** Ids of the grants that they hold now. */
  grants: z.array(z.string()),
  /** Whether they have connected an account of their own. */
  connected: z.boolean(),
});
export type AccessReviewRow = z.output<typeof accessReviewRowSchema>;
export const accessReviewSchema = z.object({
  server: z.string(),
  rows: z.array(accessReviewRowSchema),
  nextCursor: z.string().nullable(),
});
export type AccessReview = z.output<typeof accessReviewSchema>;
