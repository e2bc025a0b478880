import { preparsePolicySet, statefulIsAuthorized, type Policy, type Response } from '@cedar-policy/cedar-wasm/nodejs';
import { listPolicies } from './list-policies.js';
import type { PolicyRequest } from './request.js';

type Policies = Readonly<Record<string, Policy>>;

/** Where the whole set is, when the slot itself lacks the forbids that a demand lifts. */
export const WHOLE = '+';
/** Where the set is as it decides about lists. */
const LIST = '?';
/** Slots whose policies decide otherwise about lists than about calls. */
const listed = new Set<string>();

/**
 * Gives policies (texts by id) to the engine under a slot. The engine keeps every slot for the life of the process and frees none:
 * use few names, and load a new revision into the slot of the old one.
 * @param unlessMet ids of the forbids that forbid until their demand is met
 * @throws Error where the set does not parse.
 */
export function loadPolicies(
  slot: string,
  texts: Readonly<Record<string, string>>,
  unlessMet: readonly string[] = [],
): void {
  const lists = listPolicies(texts);
  listed.delete(slot);
  loadBoth(slot, texts, unlessMet);
  if (lists === undefined) return;
  loadBoth(slot + LIST, lists, unlessMet);
  listed.add(slot);
}

/** The slot that decides about a list rather than a call. */
export function slotForLists(slot: string): string {
  return listed.has(slot) ? slot + LIST : slot;
}

/** Undefined where the engine gives no answer. May throw. */
export function ask(slot: string, request: PolicyRequest): Response | undefined {
  const answer = statefulIsAuthorized({ ...request, preparsedPolicySetId: slot });
  return answer.type === 'success' ? answer.response : undefined;
}

function loadBoth(slot: string, policies: Policies, unlessMet: readonly string[]): void {
  load(slot, Object.fromEntries(Object.entries(policies).filter(([id]) => !unlessMet.includes(id))));
  if (unlessMet.length > 0) load(slot + WHOLE, policies);
}

function load(slot: string, policies: Policies): void {
  const answer = preparsePolicySet(slot, { staticPolicies: { ...policies } });
  if (answer.type === 'failure') throw new Error(answer.errors.map(({ message }) => message).join('; '));
}
