import { z } from 'zod';
import { policyFilesSchema } from './catalog.js';

/** A fault of a policy file: where, what, and what to do. */
const faultSchema = z.object({
  file: z.string(),
  line: z.int(),
  column: z.int(),
  /** The policy's @id or the test's case; empty where it is the file. */
  key: z.string(),
  message: z.string(),
  fix: z.string(),
});
export type PolicyFault = z.output<typeof faultSchema>;

/** Policy files (`policies/*.cedar`, `policies/*.test.yaml`, `mcp-sso.lock.yaml`) beside the active servers. */
export const policyTextsSchema = z.strictObject({ policies: policyFilesSchema });

/** `POST /api/v1/policies/check`. A test that fails is a fault too. */
export const policyCheckSchema = z.object({
  faults: z.array(faultSchema),
  warnings: z.array(z.string()),
  /** How many policies and cases there are. */
  policies: z.int(),
  cases: z.int(),
});
export type PolicyCheck = z.output<typeof policyCheckSchema>;

/** `POST /api/v1/policies/test`: without texts, the active policies are tested. */
export const policyTestRequestSchema = z.strictObject({ policies: policyFilesSchema.optional() });

/** What comes of a call. */
export const callOutcomeSchema = z.enum(['allow', 'deny', 'approval', 'step-up']);
export type CallOutcome = z.output<typeof callOutcomeSchema>;
const outcome = callOutcomeSchema;

const caseResultSchema = z.object({
  file: z.string(),
  line: z.int(),
  name: z.string(),
  passed: z.boolean(),
  expected: outcome,
  outcome,
  /** Ids of the policies that decide. */
  policies: z.array(z.string()),
  /** What the person would be told. */
  reason: z.string(),
});
export type CaseResult = z.output<typeof caseResultSchema>;

export const policyTestSchema = z.object({
  /** What kept the tests from being run. */
  faults: z.array(faultSchema),
  results: z.array(caseResultSchema),
});
export type PolicyTest = z.output<typeof policyTestSchema>;

const policySummarySchema = z.object({
  id: z.string(),
  file: z.string(),
  line: z.int(),
  effect: z.enum(['permit', 'forbid']),
  reason: z.string(),
  /** The servers that it names; empty where it may concern every one. */
  servers: z.array(z.string()),
  /** The groups and people that it names; empty where it may concern everybody. */
  principals: z.array(z.string()),
});
export type ListedPolicy = z.output<typeof policySummarySchema>;

/** `GET /api/v1/policies`: the policies in force. */
export const activePoliciesSchema = z.object({
  /** Number of the catalog revision. */
  revision: z.int(),
  /** SHA-256 (hex) of the policy files, as `policyRevision` in the audit. */
  policyRevision: z.string(),
  policies: z.array(policySummarySchema),
  files: policyFilesSchema,
});

const change = z.enum(['added', 'removed', 'changed']);

/** `POST /api/v1/policies/diff`: texts against the active policies, or two revisions; without `to`, against the active one. */
export const policyDiffRequestSchema = z
  .strictObject({
    policies: policyFilesSchema.optional(),
    from: z.int().min(1).optional(),
    to: z.int().min(1).optional(),
  })
  .refine(({ policies, from }) => (policies === undefined) !== (from === undefined), 'send either policies or from')
  .refine(({ to, from }) => to === undefined || from !== undefined, 'to goes with from');

export const policyDiffSchema = z.object({
  /** Numbers of the revisions; `to` is null for texts that are none. */
  from: z.int(),
  to: z.int().nullable(),
  policies: z.array(
    z.object({
      id: z.string(),
      change,
      policy: policySummarySchema,
      /** Lines with `-` and `+`. */
      diff: z.string(),
    }),
  ),
  /** Tests and the lock file. */
  files: z.array(z.object({ file: z.string(), change, diff: z.string() })),
  /** The servers and the groups or people that are named by what changed; empty where nothing changed. */
  servers: z.array(z.string()),
  principals: z.array(z.string()),
  /** Whether something changed that may concern every server, or everybody. */
  everyServer: z.boolean(),
  everybody: z.boolean(),
});
export type PolicyDiff = z.output<typeof policyDiffSchema>;

/** `GET /api/v1/policies/starter-kit`: policies for common cases, for the servers that there are. */
export const starterKitSchema = z.object({
  files: policyFilesSchema,
  leftOut: z.array(z.object({ name: z.string(), why: z.string() })),
});
export type StarterKit = z.output<typeof starterKitSchema>;

/** `GET /api/v1/policies/grid`: group → server → level, as `policies/grid.cedar` says it. */
export const policyGridSchema = z.object({
  grid: z.record(z.string(), z.record(z.string(), z.enum(['read', 'write', 'all']))),
  /** Policies that decide beside it. */
  custom: z.array(policySummarySchema),
  /** The same for people; what is sent back to change it. */
  yaml: z.string(),
});
export type PolicyGrid = z.output<typeof policyGridSchema>;

/** `POST /api/v1/policies/grid`: a grid, and the policy files beside which it is to be written. */
export const gridRequestSchema = z.strictObject({ yaml: z.string().max(1_000_000), policies: policyFilesSchema });

export const gridFileSchema = z.object({
  file: z.string(),
  text: z.string(),
  /** Ids of policies in that file that the grid does not hold, and that were kept. */
  kept: z.array(z.string()),
});
