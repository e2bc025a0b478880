import type { CallOutcome } from '#shared/api/policies.js';
import { meets } from '#shared/api/step-up.js';
import type { Decision, PolicyInput } from './decision.js';

/** What the gateway makes of a decision: the sign-in is judged before anybody is asked to approve. */
export function callOutcome(
  { outcome, stepUp, approval }: Decision,
  { context }: Pick<PolicyInput, 'context'>,
): CallOutcome {
  if (outcome === 'deny') return 'deny';
  const signIn = { authTime: context.signedInAt, acr: context.acr };
  if (stepUp !== undefined && !meets(signIn, stepUp, context.now)) return 'step-up';
  return approval === undefined ? 'allow' : 'approval';
}

/** Ids of all policies that have a part in a decision, sorted. */
export function decidingPolicies({ policies, stepUp, approval }: Decision): string[] {
  return [...new Set([...policies, ...(stepUp?.policies ?? []), ...(approval?.policies ?? [])])].toSorted();
}
