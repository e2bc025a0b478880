import { z } from 'zod';
import { personSchema } from './person.js';
import { callOutcomeSchema } from './policies.js';

/** What would be decided, now or at a past moment. */
export interface ExplainQuestion {
  readonly person: string;
  readonly server: string;
  readonly kind: 'tool' | 'resource' | 'prompt' | 'method';
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly at?: string | undefined;
}

/** `POST /api/v1/policies/explain`: either the reference of a call, or a question. */
export const explainRequestSchema = z.strictObject({
  /** Id of the audit record. */
  reference: z.string().min(1).max(100).optional(),
  /** Id, `provider/subject`, e-mail address or name. */
  person: z.string().min(1).optional(),
  server: z.string().min(1).optional(),
  kind: z.enum(['tool', 'resource', 'prompt', 'method']).default('tool'),
  name: z.string().min(1).optional(),
  args: z.record(z.string(), z.unknown()).default({}),
  /** RFC 3339 with offset; now unless told. */
  at: z.iso.datetime({ offset: true }).optional(),
});

const policySchema = z.object({
  id: z.string(),
  effect: z.enum(['permit', 'forbid']),
  file: z.string(),
  line: z.int(),
  text: z.string(),
});

/** All that made a decision. */
const detailsSchema = z.object({
  /** Number of the revision; null where it was never stored. */
  revision: z.int().nullable(),
  /** False where these policies are not exactly those that decided then. */
  exact: z.boolean(),
  /** Those that no file holds (`grant`, `unreviewed`) have an id only. */
  policies: z.array(z.string()),
  texts: z.array(policySchema),
  stepUp: z.object({ maxAge: z.number().nullable(), acrValues: z.array(z.string()).nullable() }).nullable(),
  /** Groups of which somebody has to approve, for each policy that demands it. */
  approval: z.array(z.array(z.string())).nullable(),
  groups: z.array(z.string()),
  effect: z.string().nullable(),
  reviewed: z.boolean().nullable(),
  grant: z.string().nullable(),
  /** Where no policy permits: those that come nearest to it. */
  nearest: z.array(z.object({ sentence: z.string(), policy: policySchema })),
  /** What the explanation lacks, and why. */
  notes: z.array(z.string()),
});
export type ExplanationDetails = z.output<typeof detailsSchema>;

export const explanationSchema = z.object({
  reference: z.string().nullable(),
  /** The moment that it is about: RFC 3339, UTC. */
  at: z.string(),
  person: personSchema,
  server: z.string().nullable(),
  target: z.string().nullable(),
  outcome: callOutcomeSchema,
  /** What the person is told. */
  sentence: z.string(),
  /** For authors and owners only. */
  details: detailsSchema.nullable(),
});
export type ExplainedCall = z.output<typeof explanationSchema>;
