import type { Verdict } from './approval.js';

export interface Vote {
  readonly verdict: Verdict;
  /** The approver's, when they voted. */
  readonly groups: readonly string[];
}

/** One refusal ends it; it is approved when somebody of each set has approved. */
export function verdictOf(
  demanded: readonly (readonly string[])[],
  votes: readonly Vote[],
): 'open' | 'approved' | 'refused' {
  if (votes.some(({ verdict }) => verdict !== 'approve')) return 'refused';
  const covered = demanded.every((set) => votes.some(({ groups }) => isIn(groups, set)));
  return covered && demanded.length > 0 ? 'approved' : 'open';
}

/** Whether somebody of these groups may decide at all. */
export function mayDecide(demanded: readonly (readonly string[])[], groups: readonly string[]): boolean {
  return demanded.some((set) => isIn(groups, set));
}

function isIn(groups: readonly string[], set: readonly string[]): boolean {
  return set.some((group) => groups.includes(group));
}
