import { setTimeout as wait } from 'node:timers/promises';
import type { Child } from './child.js';

/** A safety net: a machine that is busy is slow and not red. */
const DEADLINE_MS = 60_000;
const EVERY_MS = 50;

/** Polls an address until it answers with one of the statuses; rejects with the child's last words where it does not. */
export async function untilAnswering(child: Child, url: string, statuses: readonly number[]): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  while (Date.now() < deadline) {
    if (!child.running) throw new Error(`${child.name} ended (${await child.exited}):\n${child.tail()}`);
    if (statuses.includes(await statusOf(url))) return;
    await wait(EVERY_MS);
  }
  throw new Error(`${child.name} did not answer at ${url} within ${DEADLINE_MS / 1000} s:\n${child.tail()}`);
}

async function statusOf(url: string): Promise<number> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await response.body?.cancel();
    return response.status;
  } catch {
    return 0;
  }
}
