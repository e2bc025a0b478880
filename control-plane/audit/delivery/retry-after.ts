const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;

/** Milliseconds until the next attempt; `failures` in a row so far. `chance` in [0, 1) spreads what failed together. */
export function retryAfter(failures: number, chance: number): number {
  const whole = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 10));
  return Math.round(whole * (0.8 + 0.2 * chance));
}
