import {
  preparsePolicySet,
  statefulIsAuthorized,
  type AuthorizationAnswer,
  type Response,
} from '@cedar-policy/cedar-wasm/nodejs';
import type { Decision, PolicyInput } from '../decision.js';
import { FAILED, nothingPermits, reasonOf } from './reason.js';
import { requestFor } from './request.js';

/** A checked policy set as plain data; ids are those of the policies' @id. */
export interface CompiledPolicies {
  /** SHA-256, hex. */
  readonly revision: string;
  readonly texts: Readonly<Record<string, string>>;
  readonly reasons: Readonly<Record<string, string>>;
}

/**
 * Gives policies (texts by id) to the engine under a slot. The engine keeps every slot for the life of the process and frees none:
 * use few names, and load a new revision into the slot of the old one.
 * @throws Error where the set does not parse.
 */
export function loadPolicies(slot: string, texts: CompiledPolicies['texts']): void {
  const answer = preparsePolicySet(slot, { staticPolicies: { ...texts } });
  if (answer.type === 'failure') throw new Error(answer.errors.map(({ message }) => message).join('; '));
}

/** Decides by the set that was loaded into the slot. Never throws: a failure denies, and says so in `failed`. */
export function evaluate(slot: string, policies: CompiledPolicies, input: PolicyInput): Decision {
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
