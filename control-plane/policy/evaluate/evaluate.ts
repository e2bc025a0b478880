import {
  preparsePolicySet,
  statefulIsAuthorized,
  type AuthorizationAnswer,
  type Response,
} from '@cedar-policy/cedar-wasm/nodejs';
import type { StepUp } from '#shared/api/step-up.js';
import type { Decision, PolicyInput } from '../decision.js';
import { withDemand } from './demand.js';
import { FAILED, nothingPermits, reasonOf } from './reason.js';
import { requestFor } from './request.js';

/** A checked policy set as plain data; ids are those of the policies' @id. */
export interface CompiledPolicies {
  /** SHA-256, hex. */
  readonly revision: string;
  readonly texts: Readonly<Record<string, string>>;
  readonly reasons: Readonly<Record<string, string>>;
  /** What policies demand of the sign-in, by id. */
  readonly stepUps: Readonly<Record<string, StepUp>>;
  /** Ids of the forbids among them: they forbid until their demand is met. */
  readonly unlessMet: readonly string[];
}

export const NO_POLICIES: CompiledPolicies = { revision: '', texts: {}, reasons: {}, stepUps: {}, unlessMet: [] };

/** Where the whole set is, when the slot itself lacks the forbids that a sign-in lifts. */
const WHOLE = '+';

/**
 * Gives policies (texts by id) to the engine under a slot. The engine keeps every slot for the life of the process and frees none:
 * use few names, and load a new revision into the slot of the old one.
 * @param unlessMet as in `CompiledPolicies`
 * @throws Error where the set does not parse.
 */
export function loadPolicies(
  slot: string,
  texts: CompiledPolicies['texts'],
  unlessMet: CompiledPolicies['unlessMet'] = [],
): void {
  load(slot, Object.fromEntries(Object.entries(texts).filter(([id]) => !unlessMet.includes(id))));
  if (unlessMet.length > 0) load(slot + WHOLE, texts);
}

function load(slot: string, texts: CompiledPolicies['texts']): void {
  const answer = preparsePolicySet(slot, { staticPolicies: { ...texts } });
  if (answer.type === 'failure') throw new Error(answer.errors.map(({ message }) => message).join('; '));
}

/**
 * Decides by the set that was loaded into the slot. Never throws: a failure denies, and says so in `failed`. A forbid that
 * demands something of the sign-in is looked at where everything else allows; it turns into a demand on that.
 */
export function evaluate(slot: string, policies: CompiledPolicies, input: PolicyInput): Decision {
  const decision = decideBy(slot, policies, input);
  if (decision.outcome === 'deny' || policies.unlessMet.length === 0) return withDemand(decision, policies, []);
  const whole = decideBy(slot + WHOLE, policies, input);
  if (whole.outcome === 'allow') return withDemand(decision, policies, []);
  const liftable = whole.policies.every((id) => policies.unlessMet.includes(id));
  return whole.failed || !liftable ? whole : withDemand(decision, policies, whole.policies);
}

function decideBy(slot: string, policies: CompiledPolicies, input: PolicyInput): Decision {
  const answer = ask(slot, input);
  if (answer?.type !== 'success') return failure(policies.revision, []);
  return decisionOf(answer.response, policies, input);
}

function ask(slot: string, input: PolicyInput): AuthorizationAnswer | undefined {
  try {
    return statefulIsAuthorized({ ...requestFor(input), context: {}, preparsedPolicySetId: slot });
  } catch {
    return undefined;
  }
}

function decisionOf(response: Response, policies: CompiledPolicies, input: PolicyInput): Decision {
  const { reason: determining, errors } = response.diagnostics;
  // Cedar skips a policy that errs, so a `forbid` that errs would let the call through.
  if (errors.length > 0) return failure(policies.revision, [...new Set(errors.map(({ policyId }) => policyId))]);
  const ids = determining.toSorted();
  const allowed = response.decision === 'allow' && ids.length > 0;
  return {
    outcome: allowed ? 'allow' : 'deny',
    policies: ids,
    reason: ids.length > 0 ? reasonOf(ids, policies.reasons) : nothingPermits(input),
    revision: policies.revision,
    failed: false,
  };
}

function failure(revision: string, policies: readonly string[]): Decision {
  return { outcome: 'deny', policies: policies.toSorted(), reason: FAILED, revision, failed: true };
}
