/** Whose approval policies demand before a call is made. Plain data: whether it was given is judged at each call. */
export interface ApprovalDemand {
  /** One set of groups (`<provider>/<group>`) for each policy that demands it: somebody of each has to approve. */
  readonly groups: readonly (readonly string[])[];
  /** Ids of the policies, sorted. */
  readonly policies: readonly string[];
  /** One public sentence: their own reasons. */
  readonly reason: string;
}

/** All demands at once; undefined where there are none. */
export function jointDemand(demands: readonly ApprovalDemand[]): ApprovalDemand | undefined {
  if (demands.length <= 1) return demands[0];
  const sets = new Map(demands.flatMap(({ groups }) => groups.map((set) => [JSON.stringify(set), set] as const)));
  return {
    groups: [...sets.values()],
    policies: [...new Set(demands.flatMap(({ policies }) => policies))].toSorted(),
    reason: [...new Set(demands.map(({ reason }) => reason))].join(' '),
  };
}
