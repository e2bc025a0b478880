import type { Decision, GrantUse } from '../decision.js';

/** The permit that every grant is; no policy can have its id. */
export const GRANT = 'grant';

const REASON = 'Access was granted for some time.';

/**
 * A denial under a live grant. A grant permits, so that every `forbid` still wins; one that was taken in an emergency lifts forbids
 * too, but for those that are locked. The policies of a denial that is no failure are the forbids that apply: all of them.
 */
export function withGrant(decision: Decision, grant: GrantUse | undefined, locked: readonly string[]): Decision {
  if (grant === undefined || decision.outcome === 'allow' || decision.failed) return decision;
  const lifts = grant.kind === 'break-glass' ? decision.policies.filter((id) => !locked.includes(id)) : [];
  if (lifts.length < decision.policies.length) return decision;
  return { ...decision, outcome: 'allow', policies: [GRANT], reason: REASON, grant };
}
