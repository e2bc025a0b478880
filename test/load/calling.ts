import { setTimeout as wait } from 'node:timers/promises';
import type { Random } from '../support/random.js';
import type { LoadSession } from './load-session.js';
import { isDone, type StreamedCall } from './streamed-call.js';

const MOST_STEPS = 8;
/** One call of so many asks back. */
const ASKING = 4;
/** Milliseconds between two calls: after an answer at most, and after an error. */
const THINKING = 400;
const AFTER_ERROR = 300;

/**
 * One call after the other at one server, until it is over and the last one succeeded: whatever died has then come
 * back for this client too. Resolves with the calls; gives up after `patience` milliseconds more.
 */
export async function callRepeatedly(
  session: LoadSession,
  { server, lane }: { readonly server: string; readonly lane: string },
  random: Random,
  { over, patience }: { readonly over: AbortSignal; readonly patience: number },
): Promise<StreamedCall[]> {
  const calls: StreamedCall[] = [];
  let deadline = Number.POSITIVE_INFINITY;
  over.addEventListener('abort', () => (deadline = performance.now() + patience), { once: true });
  for (;;) {
    const steps = 2 + random.below(MOST_STEPS);
    const asks = random.below(ASKING) === 0;
    const call: StreamedCall = { name: `${session.name}-${lane}-${calls.length}`, server, steps, asks, requests: [] };
    calls.push(call);
    await session.make(call);
    if ((over.aborted && isDone(call)) || performance.now() > deadline) return calls;
    await wait(isDone(call) ? random.below(THINKING) : AFTER_ERROR);
  }
}
