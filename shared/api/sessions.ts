import { z } from 'zod';
import { personSchema } from './person.js';

/** `GET /api/v1/sessions`: sign-ins that are alive, newest first. */
export const sessionsQuerySchema = z.strictObject({
  /** `me`, or the e-mail address, the part before its @, name, or id of a person. */
  user: z.string().min(1).max(320).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.string().optional(),
});

/** One sign-in of one client. Times are RFC 3339, UTC. */
const sessionSchema = z.object({
  id: z.string(),
  person: personSchema,
  /** The registered OAuth client. */
  client: z.string(),
  /** What the computer called itself at the sign-in: its own claim, never proof. */
  device: z.string().nullable(),
  /** Network address that the sign-in was approved from; of a device login, that the device started it from. */
  address: z.string(),
  createdAt: z.string(),
  /** When the person last proved who they are; null where the IdP does not say. */
  signedInAt: z.string().nullable(),
  /** To within a minute. */
  lastUsedAt: z.string(),
  expiresAt: z.string(),
  /** The one that asks. */
  current: z.boolean(),
});
export type ListedSession = z.output<typeof sessionSchema>;

export const sessionPageSchema = z.object({ sessions: z.array(sessionSchema), nextCursor: z.string().nullable() });
export type SessionPage = z.output<typeof sessionPageSchema>;

/** `DELETE /api/v1/sessions/{id}`. */
export const sessionParametersSchema = z.strictObject({ id: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/) });

/** Ids of the sessions that have ended: refused from the next call on. */
export const endedSchema = z.object({ ended: z.array(z.string()) });
export type Ended = z.output<typeof endedSchema>;
