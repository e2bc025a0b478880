import { z } from 'zod';

/** A person as lists show them. The id is who they are; e-mail address and name are what the IdP said last. */
export const personSchema = z.object({ id: z.string(), email: z.string().nullable(), name: z.string().nullable() });
export type ListedPerson = z.output<typeof personSchema>;
