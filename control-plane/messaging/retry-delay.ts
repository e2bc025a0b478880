const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DELAYS = [5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, 60 * MINUTE];
const LONGEST = 60 * MINUTE;

/** Milliseconds after which a message is given up. */
export const MESSAGE_LIFETIME = 24 * 60 * MINUTE;

/** Milliseconds until the next attempt; `attempts` have failed. `chance` in [0, 1) spreads what failed together. */
export function retryDelay(attempts: number, chance: number): number {
  return Math.round((DELAYS[attempts - 1] ?? LONGEST) * (0.8 + 0.4 * chance));
}
