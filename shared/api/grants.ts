import { z } from 'zod';
import { personSchema } from './person.js';

/** Minutes that a grant may last at most, whatever the settings say. */
export const MAX_GRANT_MINUTES = 1440;
/** Days that a denial can be the reason of a request, and that a request waits for an answer. */
export const REQUEST_DAYS = 7;

/** One line that others read: no control and no direction characters. */
const line = z
  .string()
  .trim()
  .regex(/^[^\p{C}\p{Zl}\p{Zp}]{1,500}$/u, 'write one line of 1 to 500 characters');
const minutes = z.int().min(1).max(MAX_GRANT_MINUTES);
const server = z.string().min(1).max(24);
/** Names of tools are compared as they are: case, accents and all. */
const tool = z.string().min(1).max(500);

/** What a grant opens: a server's tools, resources and prompts, or one tool alone. */
const target = { server, tool: tool.optional() };

/** `GET /api/v1/grants`: newest first. */
export const grantsQuerySchema = z.strictObject({
  /** `me`, or the e-mail address, the part before its @, name, or id of a person. */
  user: z.string().min(1).max(320).optional(),
  /** `live`: what opens something now, and break-glass that nobody has reviewed. */
  state: z.enum(['live', 'all']).default('live'),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.string().optional(),
});

/** Times are RFC 3339, UTC. */
export const grantSchema = z.object({
  id: z.string(),
  /** `break-glass` was taken by the person themselves. */
  kind: z.enum(['grant', 'break-glass']),
  person: personSchema,
  server: z.string(),
  /** Null: the whole server. */
  tool: z.string().nullable(),
  reason: z.string(),
  givenBy: personSchema,
  createdAt: z.string(),
  expiresAt: z.string(),
  /** `ended` before its time: by somebody, with the person's sign-ins, or with the server. */
  state: z.enum(['live', 'expired', 'ended']),
  endedAt: z.string().nullable(),
  /** Id of a person; `server-removed` where the server went away. */
  endedBy: z.string().nullable(),
  /** Of break-glass: when somebody else looked into it. */
  reviewedAt: z.string().nullable(),
  reviewedBy: z.string().nullable(),
});
export type ListedGrant = z.output<typeof grantSchema>;

export const grantPageSchema = z.object({ grants: z.array(grantSchema), nextCursor: z.string().nullable() });
export type GrantPage = z.output<typeof grantPageSchema>;

export const grantParametersSchema = z.strictObject({ id: z.string().regex(/^gra_[0-9a-f]{32}$/) });
export const requestParametersSchema = z.strictObject({ id: z.string().regex(/^grq_[0-9a-f]{32}$/) });

/** `POST /api/v1/grants`: access for somebody else. `person` is an id or a whole e-mail address. */
export const giveSchema = z.strictObject({
  person: z.string().min(1).max(320),
  ...target,
  minutes,
  reason: line,
});

/** `POST /api/v1/grants/break-glass`: access for oneself, in an emergency. */
export const breakGlassSchema = z.strictObject({ ...target, minutes, reason: line });

/** `POST /api/v1/grants/{id}/review` */
export const grantReviewSchema = z.strictObject({ note: line });

/** `POST /api/v1/grants/requests`: server and tool are those of the denial, whose reference this names. */
export const askSchema = z.strictObject({
  reference: z.string().regex(/^[0-9a-f-]{36}$/, 'write the reference that the denial gave'),
  minutes: minutes.optional(),
  reason: line,
});

/** `POST /api/v1/grants/requests/{id}/give`: without `minutes` for as long as was asked. */
export const approveSchema = z.strictObject({ minutes: minutes.optional() });
export const refuseSchema = z.strictObject({ reason: line });

/** `GET /api/v1/grants/requests`: open ones unless `all`, newest first. */
export const requestsQuerySchema = z.strictObject({
  user: z.string().min(1).max(320).optional(),
  state: z.enum(['open', 'all']).default('open'),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.string().optional(),
});

export const grantRequestSchema = z.object({
  id: z.string(),
  state: z.enum(['open', 'granted', 'refused', 'expired']),
  person: personSchema,
  server: z.string(),
  tool: z.string().nullable(),
  minutes: z.number().int(),
  reason: z.string(),
  /** Id of the audit record of the denial. */
  reference: z.string(),
  createdAt: z.string(),
  expiresAt: z.string(),
  decidedAt: z.string().nullable(),
  decidedBy: personSchema.nullable(),
  /** Why it was refused. */
  answer: z.string().nullable(),
  grant: z.string().nullable(),
});
export type ListedGrantRequest = z.output<typeof grantRequestSchema>;

export const grantRequestPageSchema = z.object({
  requests: z.array(grantRequestSchema),
  nextCursor: z.string().nullable(),
});
export type GrantRequestPage = z.output<typeof grantRequestPageSchema>;
