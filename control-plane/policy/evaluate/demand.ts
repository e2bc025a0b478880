import type { Decision } from '../decision.js';
import { strictest } from '../step-up.js';
import type { CompiledPolicies } from './evaluate.js';
import { reasonOf } from './reason.js';

/**
 * An `allow` with what it demands of the sign-in: each demand of the permits that determine it, and of the forbids
 * `lifted` that a sign-in lifts. A permit that demands nothing takes no other's demand away, or else a policy that is
 * added later would open what an earlier one guards. Demands that exclude each other deny.
 */
export function withDemand(
  decision: Decision,
  { stepUps, reasons }: CompiledPolicies,
  lifted: readonly string[],
): Decision {
  if (decision.outcome === 'deny') return decision;
  const ids = [...decision.policies, ...lifted].filter((id) => Object.hasOwn(stepUps, id)).toSorted();
  const demand = strictest(ids.map((id) => stepUps[id] ?? {}));
  if (demand === undefined) return decision;
  const policies = [...decision.policies, ...lifted].toSorted();
  if (demand.acrValues?.length === 0) return { ...decision, outcome: 'deny', policies: ids, reason: EXCLUDED };
  return { ...decision, policies, stepUp: { ...demand, policies: ids, reason: reasonOf(ids, reasons) } };
}

const EXCLUDED = 'The policies demand kinds of sign-in (acr) that exclude each other.';
