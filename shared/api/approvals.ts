import { z } from 'zod';

const time = z.iso.datetime();

export const approvalParametersSchema = z.strictObject({
  id: z.string().regex(/^apr_[0-9a-f]{32}$/, 'must be an id such as apr_3f9…'),
});

export const approvalSchema = z.object({
  id: z.string(),
  state: z.enum(['open', 'approved', 'refused', 'used', 'expired', 'ended']),
  requester: z.object({ id: z.string(), email: z.string().nullable(), name: z.string().nullable() }),
  /** Who acts for the requester, nearest first; empty where they act themselves. */
  actors: z.array(z.string()),
  server: z.string(),
  /** Tool or prompt name, resource URI, or method. */
  target: z.string(),
  /** Of the policies that demand it. */
  reason: z.string(),
  /** Somebody of each set has to approve. */
  groups: z.array(z.array(z.string())),
  createdAt: time,
  expiresAt: time,
  /** What whoever refused it said. */
  refusal: z.string().nullable(),
  /** JSON in which nothing is hidden; null for the requester, and once the call was made or refused. */
  arguments: z.string().nullable(),
  /** Whether the caller may decide it now. */
  mine: z.boolean(),
  /** Whether the caller asked for it. */
  own: z.boolean(),
});

export const approvalListSchema = z.object({ approvals: z.array(approvalSchema) });

export const approvalDecisionSchema = z.strictObject({
  verdict: z.enum(['approve', 'refuse']),
  /** Told to the requester of a call that is refused. */
  reason: z.string().max(500).optional(),
});

export type ListedApproval = z.output<typeof approvalSchema>;
export type ApprovalList = z.output<typeof approvalListSchema>;
