import { z } from 'zod';
import { sessionParametersSchema } from './sessions.js';

/** `POST /api/v1/me/disowned-sessions`: “that wasn't me”, of one of the caller's own sessions, or of all. */
export const disownSchema = z
  .strictObject({ session: sessionParametersSchema.shape.id.optional(), all: z.literal(true).optional() })
  .refine(({ session, all }) => (session === undefined) !== (all === undefined), {
    message: 'name either one session or all',
    path: ['session'],
  });
export type Disown = z.output<typeof disownSchema>;

export const disownedSchema = z.object({
  /** Ids of the sessions that have ended now, with those derived from them; none where it had ended before. */
  ended: z.array(z.string()),
  /** Id of the audit record that says so. */
  reference: z.string(),
});
export type Disowned = z.output<typeof disownedSchema>;
