import { setTimeout as wait } from 'node:timers/promises';
import type { Random } from '../support/random.js';
import type { Testbed } from './testbed.js';
import type { Victim } from './victims.js';

/** Milliseconds of real time that spread the moments over the life of a call. */
const SPREAD = 30;
const MOST_ANSWERS = 8;

/**
 * Kills one victim after another under load. After each, every app must have succeeded again by itself.
 * Rejects with the round and the victim where one does not.
 */
export async function faultLoop(
  { apps }: Testbed,
  victims: readonly Victim[],
  rounds: number,
  random: Random,
): Promise<void> {
  const lots = victims.flatMap((victim) => Array.from({ length: victim.weight }, () => victim));
  await Promise.all(apps.map((app) => app.succeeding()));
  for (let round = 1; round <= rounds; round += 1) {
    const victim = random.of(lots);
    try {
      await random.of(apps).answered(1 + random.below(MOST_ANSWERS));
      await wait(random.below(SPREAD));
      await victim.strike(random);
      await Promise.all(apps.map((app) => app.succeeding()));
    } catch (cause) {
      throw new Error(`Round ${round} (${victim.name}) did not end well.`, { cause });
    }
  }
}
