import { z } from 'zod';

/** `GET /api/v1/me/activity`: calls that were made as the caller, and nobody else's. Times are RFC 3339; `until` is exclusive. */
export const ownActivityQuerySchema = z.strictObject({
  since: z.iso.datetime({ offset: true }),
  until: z.iso.datetime({ offset: true }).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(200),
});
export type OwnActivityQuery = z.output<typeof ownActivityQuerySchema>;

/** The sign-in that calls were made with. */
const ownSessionSchema = z.object({
  id: z.string(),
  /** The registered OAuth client: proved by the token. */
  client: z.string(),
  /** What is known of that client: never a name that it gave itself. */
  title: z.string(),
  /** What the computer called itself at the sign-in: its own claim, never proof. */
  device: z.string().nullable(),
  /** Network address that the sign-in was approved from. */
  address: z.string(),
  createdAt: z.string(),
  live: z.boolean(),
});
export type OwnSession = z.output<typeof ownSessionSchema>;

/** Calls of one sign-in through one app to one tool, counted. No arguments and no results. */
const ownCallsSchema = z.object({
  session: z.string().nullable(),
  /** What the AI app said of itself at the last of them: its own claim, never proof. */
  claimedApp: z.string().nullable(),
  /** Who acted for the person at the last of them, nearest first: ids of service accounts. */
  actors: z.array(z.string()),
  server: z.string(),
  target: z.string(),
  /** `tool.call`, `resource.read`, `prompt.get` or `method.use`. */
  type: z.string(),
  calls: z.number().int(),
  first: z.string(),
  last: z.string(),
  /** Of the calls, those that were refused; null where none was. */
  denied: z
    .object({
      count: z.number().int(),
      /** Of the last of them. */
      reason: z.string().nullable(),
      code: z.string().nullable(),
      reference: z.string(),
    })
    .nullable(),
});
export type OwnCalls = z.output<typeof ownCallsSchema>;

/** The latest first. `more`: there are others, further back. */
export const ownActivitySchema = z.object({
  sessions: z.array(ownSessionSchema),
  calls: z.array(ownCallsSchema),
  more: z.boolean(),
});
export type OwnActivity = z.output<typeof ownActivitySchema>;
