import { z } from 'zod';
import { personSchema } from './person.js';

/** One line that others read: no control and no direction characters. */
const line = z
  .string()
  .trim()
  .regex(/^[^\p{C}\p{Zl}\p{Zp}]{1,500}$/u, 'write one line of 1 to 500 characters');
const time = z.iso.datetime({ offset: true });

/** `GET /api/v1/holds`: newest first; released ones too where `all`. */
export const holdsQuerySchema = z.strictObject({
  state: z.enum(['active', 'all']).default('active'),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.string().optional(),
});

/** `POST /api/v1/holds`: a record is covered where it meets all that is named. Without any, `everything` must be said. */
export const holdRequestSchema = z.strictObject({
  /** The case or the matter. */
  name: line,
  /** Id or whole e-mail address. */
  person: z.string().min(1).max(320).optional(),
  server: z.string().min(1).max(24).optional(),
  /** RFC 3339: covers what was not before `from`, and before `to`. */
  from: time.optional(),
  to: time.optional(),
  everything: z.literal(true).optional(),
});
export type HoldRequest = z.output<typeof holdRequestSchema>;

export const holdParametersSchema = z.strictObject({ id: z.string().regex(/^hld_[0-9a-f]{32}$/) });

/** `POST /api/v1/holds/{id}/release` */
export const holdReleaseSchema = z.strictObject({ reason: line });

/** Times are RFC 3339, UTC. Where person, server, from and to are all null, everything is held. */
export const holdSchema = z.object({
  id: z.string(),
  name: z.string(),
  person: personSchema.nullable(),
  server: z.string().nullable(),
  from: z.string().nullable(),
  to: z.string().nullable(),
  createdBy: personSchema,
  createdAt: z.string(),
  state: z.enum(['active', 'released']),
  releasedBy: personSchema.nullable(),
  releasedAt: z.string().nullable(),
  releaseReason: z.string().nullable(),
});
export type ListedHold = z.output<typeof holdSchema>;

export const holdPageSchema = z.object({ holds: z.array(holdSchema), nextCursor: z.string().nullable() });
export type HoldPage = z.output<typeof holdPageSchema>;
