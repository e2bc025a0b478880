import { z } from 'zod';
import { personSchema } from './person.js';
import { sessionsQuerySchema } from './sessions.js';

/** `GET /api/v1/users`: everyone who ever signed in. */
export const usersQuerySchema = sessionsQuerySchema;

const userSchema = z.object({
  ...personSchema.shape,
  /** The IdP that vouches for the person, by its name in the settings. */
  provider: z.string(),
  /** `<provider>/<group>` of the live sessions. */
  groups: z.array(z.string()),
  liveSessions: z.number().int(),
  /** RFC 3339, UTC, to within a minute; null where no session is on record. */
  lastUsedAt: z.string().nullable(),
});
export type ListedUser = z.output<typeof userSchema>;

export const userPageSchema = z.object({ users: z.array(userSchema), nextCursor: z.string().nullable() });
export type UserPage = z.output<typeof userPageSchema>;

/** `DELETE /api/v1/users/{id}/sessions`: a person's id, or `me`. */
export const userParametersSchema = z.strictObject({ id: z.string().regex(/^(me|usr_[0-9a-f]{32})$/) });
