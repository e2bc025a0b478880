import { z } from 'zod';

/** `POST /api/v1/users/{id}/erasure`: a person's id, as lists show it. */
export const erasureParametersSchema = z.strictObject({ id: z.string().regex(/^usr_[0-9a-f]{32}$/) });

export const erasureSchema = z.strictObject({
  /** The id once more. */
  confirm: z.string(),
});

export const erasedSchema = z.object({
  id: z.string(),
  /** How many sessions and connections ended with it. */
  sessions: z.number().int(),
  connections: z.number().int(),
});
export type Erased = z.output<typeof erasedSchema>;
