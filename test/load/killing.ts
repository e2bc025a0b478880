import { setTimeout as wait } from 'node:timers/promises';
import type { Random } from '../support/random.js';
import { processesWith } from '../support/processes.js';
import type { LoadCompany } from './company.js';

/** Milliseconds: between two deaths at most, and that a server stays away at most. */
const QUIET = 1_500;
const AWAY = 1_000;

/** Kills one upstream after the other, and brings it back, until the time is over and each has died. Resolves with how often. */
export async function killRepeatedly(
  { upstreams, mark }: LoadCompany,
  random: Random,
  milliseconds: number,
): Promise<Record<string, number>> {
  const deaths: Record<string, number> = {};
  const victims = [...upstreams, undefined];
  const end = performance.now() + milliseconds;
  while (performance.now() < end || Object.keys(deaths).length < victims.length) {
    await wait(random.below(QUIET));
    const upstream = random.of(victims);
    const name = upstream?.name ?? 'hosted';
    if (upstream === undefined) killSome(processesWith(mark), random);
    else {
      await upstream.kill();
      await wait(random.below(AWAY));
      await upstream.start();
    }
    deaths[name] = (deaths[name] ?? 0) + 1;
  }
  return deaths;
}

/** One of them, or all at once; the control plane starts them again when they are needed. */
function killSome(pids: readonly number[], random: Random): void {
  const chosen = random.below(2) === 0 ? pids : pids.slice(0, 1);
  for (const pid of chosen) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has just ended by itself.
    }
  }
}
