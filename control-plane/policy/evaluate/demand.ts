import type { ApprovalDemand } from '../approval-demand.js';
import type { Decision } from '../decision.js';
import { strictest, type StepUpDemand } from '../step-up.js';
import type { CompiledPolicies } from './evaluate.js';
import { reasonOf } from './reason.js';

/**
 * An `allow` with what it demands of the sign-in, and whose approval: each demand of the permits that determine it, and of the forbids
 * `lifted` by a demand that is met. A permit that demands nothing takes no other's demand away, or else a policy that is
 * added later would open what an earlier one guards. Demands on the sign-in that exclude each other deny.
 */
export function withDemand(decision: Decision, policies: CompiledPolicies, lifted: readonly string[]): Decision {
  if (decision.outcome === 'deny') return decision;
  const ids = [...decision.policies, ...lifted].toSorted();
  const stepUp = stepUpOf(ids, policies);
  const approval = approvalOf(ids, policies);
  if (stepUp === undefined && approval === undefined) return decision;
  if (stepUp?.acrValues?.length === 0) {
    return { ...decision, outcome: 'deny', policies: stepUp.policies, reason: EXCLUDED };
  }
  return {
    ...decision,
    policies: ids,
    ...(stepUp === undefined ? {} : { stepUp }),
    ...(approval === undefined ? {} : { approval }),
  };
}

function stepUpOf(ids: readonly string[], { stepUps, reasons }: CompiledPolicies): StepUpDemand | undefined {
  const demanding = ids.filter((id) => Object.hasOwn(stepUps, id));
  const demand = strictest(demanding.map((id) => stepUps[id] ?? {}));
  return demand && { ...demand, policies: demanding, reason: reasonOf(demanding, reasons) };
}

function approvalOf(ids: readonly string[], { approvals, reasons }: CompiledPolicies): ApprovalDemand | undefined {
  const demanding = ids.filter((id) => Object.hasOwn(approvals, id));
  if (demanding.length === 0) return undefined;
  return {
    groups: demanding.map((id) => approvals[id] ?? []),
    policies: demanding,
    reason: reasonOf(demanding, reasons),
  };
}

const EXCLUDED = 'The policies demand kinds of sign-in (acr) that exclude each other.';
