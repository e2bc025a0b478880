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

const outcome = z.enum(['allow', 'deny', 'approval', 'step-up']);

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
