import type { StepUp } from '#shared/api/step-up.js';
import type { ReadArguments } from '../arguments/read-arguments.js';
import type { Decision, PolicyInput } from '../decision.js';
import { withDemand } from './demand.js';
import { ask, slotForLists, WHOLE } from './engine.js';
import { withGrant } from './grant.js';
import { heldBack } from './held-back.js';
import { FAILED, nothingPermits, reasonOf, unreadable } from './reason.js';
import { requestFor, type PolicyRequest } from './request.js';
import { UnreadableArgument } from './unreadable-argument.js';

export { loadPolicies } from './engine.js';

/** A checked policy set as plain data; ids are those of the policies' @id. */
export interface CompiledPolicies {
  /** SHA-256, hex. */
  readonly revision: string;
  readonly texts: Readonly<Record<string, string>>;
  readonly reasons: Readonly<Record<string, string>>;
  /** What policies demand of the sign-in, by id. */
  readonly stepUps: Readonly<Record<string, StepUp>>;
  /** The groups any of which may approve, by id of the policy that demands it. */
  readonly approvals: Readonly<Record<string, readonly string[]>>;
  /** Ids of the forbids with a demand: they forbid until it is met. */
  readonly unlessMet: readonly string[];
  /** Ids of the forbids that hold against break-glass. */
  readonly locked: readonly string[];
  /** What policies read of the arguments of tools, by `server/tool`. */
  readonly readArguments: Readonly<Record<string, ReadArguments>>;
  /** Ids of policies that no longer fit the definition of a tool, by `server/tool`. They are not in `texts`. */
  readonly misfits: Readonly<Record<string, readonly string[]>>;
}

export const NO_POLICIES: CompiledPolicies = {
  revision: '',
  texts: {},
  reasons: {},
  stepUps: {},
  approvals: {},
  unlessMet: [],
  locked: [],
  readArguments: {},
  misfits: {},
};

/**
 * Decides by the set that was loaded into the slot. Never throws: a failure denies, and says so in `failed`. A forbid that
 * makes a demand is looked at where everything else allows; it turns into that demand.
 * @param readSession all that these policies read of `context.session`, where that is known
 */
export function evaluate(
  slot: string,
  policies: CompiledPolicies,
  input: PolicyInput,
  readSession?: ReadonlySet<string>,
): Decision {
  try {
    const denied = heldBack(policies, input);
    if (denied !== undefined) return denied;
    const request = requestFor(input, policies.readArguments, readSession);
    return decide(input.args === undefined ? slotForLists(slot) : slot, request, policies, input);
  } catch (error) {
    return error instanceof UnreadableArgument ? unreadable(error, policies.revision) : failure(policies.revision, []);
  }
}

function decide(slot: string, request: PolicyRequest, policies: CompiledPolicies, input: PolicyInput): Decision {
  const decision = decideBy(slot, request, policies, input);
  if (decision.outcome === 'deny' || policies.unlessMet.length === 0) return withDemand(decision, policies, []);
  const whole = decideBy(slot + WHOLE, request, policies, input);
  if (whole.outcome === 'allow') {
    const grant = decision.grant ?? whole.grant;
    return withDemand(grant === undefined ? decision : { ...decision, grant }, policies, []);
  }
  const { grant } = input;
  const holding = grant?.kind === 'break-glass' ? whole.policies.filter(isIn(policies.locked)) : whole.policies;
  const liftable = holding.every(isIn(policies.unlessMet));
  if (whole.failed || !liftable) return whole;
  const spared = grant !== undefined && holding.length < whole.policies.length;
  return withDemand(spared ? { ...decision, grant } : decision, policies, holding);
}

function decideBy(slot: string, request: PolicyRequest, policies: CompiledPolicies, input: PolicyInput): Decision {
  const response = ask(slot, request);
  if (response === undefined) return failure(policies.revision, []);
  const { reason: determining, errors } = response.diagnostics;
  // Cedar skips a policy that errs, so a `forbid` that errs would let the call through.
  if (errors.length > 0) return failure(policies.revision, [...new Set(errors.map(({ policyId }) => policyId))]);
  const ids = determining.toSorted();
  const allowed = response.decision === 'allow' && ids.length > 0;
  const decision: Decision = {
    outcome: allowed ? 'allow' : 'deny',
    policies: ids,
    reason: ids.length > 0 ? reasonOf(ids, policies.reasons) : nothingPermits(input),
    revision: policies.revision,
    failed: false,
  };
  return withGrant(decision, input.grant, policies.locked);
}

function isIn(ids: readonly string[]): (id: string) => boolean {
  return (id) => ids.includes(id);
}

function failure(revision: string, policies: readonly string[]): Decision {
  return { outcome: 'deny', policies: policies.toSorted(), reason: FAILED, revision, failed: true };
}
