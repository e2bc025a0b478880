import { differences, lastingDifferences, type Difference } from './compare.js';
import type { Accepted } from './differences.js';
import type { Requirements } from './requirements.js';
import { checkServer } from './suite.js';

/** Milliseconds: both runs, three times. */
export const COMPARISON_TIMEOUT = 10 * 60_000;

export interface Compared {
  readonly unexpected: readonly Difference[];
  /** Checks that were expected to differ, and came out alike. */
  readonly stale: readonly string[];
}

export const SAME_WAY: Compared = { unexpected: [], stale: [] };

/** Runs the set at both addresses of one server, and compares it check by check. */
export async function compareWays(
  direct: string,
  through: string,
  requirements: Requirements,
  accepted: readonly Accepted[],
): Promise<Compared> {
  const right = accepted.filter((entry) => entry.requirements === requirements).map(({ check }) => check);
  const seen = new Set<string>();
  const unexpected = await lastingDifferences(async () => {
    const alone = await checkServer(direct, requirements);
    const found = differences(alone, await checkServer(through, requirements));
    for (const { check } of found) seen.add(check);
    return found.filter(({ check }) => !right.includes(check));
  });
  return { unexpected, stale: right.filter((check) => !seen.has(check)) };
}
