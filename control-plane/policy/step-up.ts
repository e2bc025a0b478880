import type { StepUp } from '#shared/api/step-up.js';

/** What policies demand of the sign-in behind a call, and who demands it. Plain data: whether it is met is judged at each call. */
export interface StepUpDemand extends StepUp {
  /** Ids of the policies, sorted. */
  readonly policies: readonly string[];
  /** One public sentence: their own reasons. */
  readonly reason: string;
}

/** All of the demands as one: the shortest age, and the `acr` values that each of them takes. Undefined where there is none. */
export function strictest(demands: readonly StepUp[]): StepUp | undefined {
  const ages = demands.flatMap(({ maxAge }) => (maxAge === undefined ? [] : [maxAge]));
  const [first, ...others] = demands.flatMap(({ acrValues }) => (acrValues === undefined ? [] : [acrValues]));
  if (ages.length === 0 && first === undefined) return undefined;
  return {
    ...(ages.length === 0 ? {} : { maxAge: Math.min(...ages) }),
    ...(first === undefined
      ? {}
      : { acrValues: first.filter((acr) => others.every((values) => values.includes(acr))) }),
  };
}

/** The same of demands with their policies. */
export function strictestDemand(demands: readonly StepUpDemand[]): StepUpDemand | undefined {
  const demand = strictest(demands);
  if (demand === undefined || demands.length === 1) return demands[0];
  const policies = [...new Set(demands.flatMap((one) => one.policies))].toSorted();
  const reason = [...new Set(demands.map((one) => one.reason))].join(' ');
  return { ...demand, policies, reason };
}
