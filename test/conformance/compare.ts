import type { Checks } from './suite.js';

const ATTEMPTS = 3;

/** A check that comes out otherwise through our product. */
export interface Difference {
  readonly check: string;
  readonly direct: string;
  readonly through: string;
}

/** What comes out otherwise. A check that only one side made counts as well. */
export function differences(direct: Checks, through: Checks): Difference[] {
  return [...new Set([...direct.keys(), ...through.keys()])]
    .map((check) => ({ check, direct: described(direct, check), through: described(through, check) }))
    .filter(({ check }) => direct.get(check)?.status !== through.get(check)?.status)
    .toSorted((a, b) => (a.check < b.check ? -1 : 1));
}

function described(checks: Checks, check: string): string {
  const verdict = checks.get(check);
  if (verdict === undefined) return 'not made';
  return verdict.message === '' ? verdict.status : `${verdict.status}: ${verdict.message}`;
}

/**
 * The differences that every one of up to three comparisons shows. Some scenarios wait half a second for a message,
 * which a busy machine can miss; a fault of ours does not come and go.
 */
export async function lastingDifferences(
  compare: () => Promise<readonly Difference[]>,
): Promise<readonly Difference[]> {
  let lasting = await compare();
  for (let attempt = 2; attempt <= ATTEMPTS && lasting.length > 0; attempt += 1) {
    const again = new Set((await compare()).map(({ check }) => check));
    lasting = lasting.filter(({ check }) => again.has(check));
  }
  return lasting;
}
