import { z } from 'zod';
import { policyFilesSchema } from './catalog.js';
import { personSchema } from './person.js';
import { callOutcomeSchema } from './policies.js';

/** `POST /api/v1/policies/candidate`: evaluated beside the policies in force from now on, in place of the one before. */
export const candidateRequestSchema = z.strictObject({
  policies: policyFilesSchema,
  message: z.string().min(1).max(500).optional(),
});

/** `GET` and `DELETE` of it: the last candidate, under way or ended. */
export const candidateSchema = z.object({
  id: z.string(),
  /** SHA-256 (hex) of the policy files. */
  sha256: z.string(),
  /** A person's id. */
  author: z.string(),
  message: z.string().nullable(),
  startedAt: z.string(),
  endedAt: z.string().nullable(),
  /** Of the control plane that answers: calls that were decided twice, and those that there was no time for. */
  compared: z.int(),
  dropped: z.int(),
  /** Why it ended by itself. */
  fault: z.string().nullable(),
  /** Of every control plane; most calls first. */
  differences: z.array(
    z.object({
      person: personSchema,
      server: z.string(),
      target: z.string(),
      live: callOutcomeSchema,
      candidate: callOutcomeSchema,
      calls: z.int(),
      /** Reference of the last of them. */
      last: z.string(),
    }),
  ),
});
export type ShownCandidate = z.output<typeof candidateSchema>;
