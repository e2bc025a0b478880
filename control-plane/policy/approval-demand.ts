/** Whose approval policies demand before a call is made. Plain data: whether it was given is judged at each call. */
export interface ApprovalDemand {
  /** One set of groups (`<provider>/<group>`) for each policy that demands it: somebody of each has to approve. */
  readonly groups: readonly (readonly string[])[];
  /** Ids of the policies, sorted. */
  readonly policies: readonly string[];
  /** One public sentence: their own reasons. */
  readonly reason: string;
}
