import { z } from 'zod';

const MOST = 7 * 24 * 60;

const absoluteMinutes = z.int().min(60).max(MOST);
const idleMinutes = z.int().min(5).max(MOST);

/** `identity.sessions`: how long a person's sign-in lives. Of several roles and the general values, the strictest holds. */
export function sessionSettings<Role extends string>(role: z.ZodEnum<Record<Role, Role>>) {
  const ofRole = z.strictObject({ absoluteMinutes: absoluteMinutes.optional(), idleMinutes: idleMinutes.optional() });
  return z
    .strictObject({
      absoluteMinutes: absoluteMinutes.default(720),
      /** Without a call, and without anything that comes on a stream. */
      idleMinutes: idleMinutes.default(240),
      roles: z.partialRecord(role, ofRole).default({}),
    })
    .prefault({});
}
