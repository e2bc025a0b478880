import { z } from 'zod';
import { personSchema } from './person.js';

/** `GET /api/v1/sessions`: sign-ins that are alive, newest first. */
export const sessionsQuerySchema = z.strictObject({
  /** `me`, or the e-mail address, the part before its @, name, or id of a person. */
  user: z.string().min(1).max(320).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.string().optional(),
});

/** A client as people know it. */
const appSchema = z.object({
  /** What is known of it: never a name that it gave itself. */
  title: z.string(),
  /** What it calls itself: its own claim, never proof. Null for what came with mcp-sso, and where it says nothing. */
  claimedName: z.string().nullable(),
});

/** One sign-in of one client. Times are RFC 3339, UTC. */
export const sessionSchema = z.object({
  id: z.string(),
  person: personSchema,
  /** Who got in: a person by the IdP, a machine by its key, or an operator by a code made on the server's host. */
  kind: z.enum(['person', 'service', 'break-glass']),
  /** Who acts for the person, nearest first: ids of service accounts. */
  actors: z.array(z.string()),
  /** The registered OAuth client: proved by the token. */
  client: z.string(),
  app: appSchema,
  /** What the computer called itself at the sign-in: its own claim, never proof. */
  device: z.string().nullable(),
  /** Whether the IdP said, when it was last asked, that the device is managed. */
  managedDevice: z.boolean(),
  /** Network address that the sign-in was approved from; of a device login, that the device started it from. */
  address: z.string(),
  createdAt: z.string(),
  /** When the person last proved who they are; null where the IdP does not say. */
  signedInAt: z.string().nullable(),
  /** To within a minute. */
  lastUsedAt: z.string(),
  /** When the IdP last said that the person may go on. */
  idpCheckedAt: z.string(),
  expiresAt: z.string(),
  /** Seconds without use after which it ends; null where it has no such limit. */
  idleSeconds: z.number().int().nullable(),
  /** The one that asks. */
  current: z.boolean(),
});
export type ListedSession = z.output<typeof sessionSchema>;

export const sessionPageSchema = z.object({ sessions: z.array(sessionSchema), nextCursor: z.string().nullable() });
export type SessionPage = z.output<typeof sessionPageSchema>;

/** Characters of an id: its own part, and those of three derivations. */
export const MAX_SESSION_ID = 4 * 64 + 3;

/** `GET` and `DELETE /api/v1/sessions/{id}`. A session that was derived from another has its id, a dot and one of its own. */
export const sessionParametersSchema = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9_-]{1,64}(\.[A-Za-z0-9_-]{1,64}){0,3}$/),
});

/** Ids of the sessions that have ended, with those that were derived from them: refused from the next call on. */
export const endedSchema = z.object({ ended: z.array(z.string()) });
export type Ended = z.output<typeof endedSchema>;
