import { z } from 'zod';
import { policyFilesSchema } from './catalog.js';
import { personSchema } from './person.js';
import { callOutcomeSchema } from './policies.js';

/** `POST /api/v1/policies/replay`: these policies beside the active servers, or those of a revision, over the calls of a time. */
export const replayRequestSchema = z.strictObject({
  policies: policyFilesSchema.optional(),
  revision: z.int().min(1).optional(),
  /** RFC 3339 with offset; `until` is exclusive, and now unless told. */
  since: z.iso.datetime({ offset: true }),
  until: z.iso.datetime({ offset: true }).optional(),
});

export const replayParametersSchema = z.strictObject({ id: z.uuid() });

/** Calls that would come out otherwise: one person, one target, one change. */
const differenceSchema = z.object({
  person: personSchema,
  server: z.string(),
  target: z.string(),
  before: callOutcomeSchema,
  after: callOutcomeSchema,
  /** Ids of the policies that would decide. */
  policies: z.array(z.string()),
  calls: z.int(),
  /** References of a few of the calls. */
  samples: z.array(z.string()),
});
export type ListedDifference = z.output<typeof differenceSchema>;

/** Calls that nobody can say it of, by the reason. */
const unknownSchema = z.object({
  /** Recorded before the control plane kept what policies read, or too long. */
  unrecorded: z.int(),
  /** Their person was erased, their time ran out, or the record is damaged. */
  erased: z.int(),
  unreadable: z.int(),
  /** The candidate reads arguments that the policies then in force did not. */
  arguments: z.int(),
  failed: z.int(),
});
export type UnknownCalls = z.output<typeof unknownSchema>;

export const replaySchema = z.object({
  id: z.string(),
  state: z.enum(['running', 'done', 'cancelled', 'failed']),
  since: z.string(),
  until: z.string(),
  /** How many calls there are, and how many were looked at. */
  calls: z.int(),
  replayed: z.int(),
  /** Of those that could be decided again. */
  unchanged: z.int(),
  unknown: unknownSchema,
  /** Most calls first; what could be done and no longer can, and the other way round. */
  losses: z.array(differenceSchema),
  gains: z.array(differenceSchema),
  /** Differences that did not fit. */
  more: z.int(),
  /** Why it failed. */
  fault: z.string().nullable(),
});
export type Replay = z.output<typeof replaySchema>;
