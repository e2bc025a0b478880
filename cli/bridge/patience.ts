import { setTimeout as delay } from 'node:timers/promises';
import type { BridgeLog } from './log.js';

const PAUSE_MIN = 100;
const PAUSE_SPREAD = 200;

/** How long a request that is known to have had no effect is tried again before the person hears of it. */
export class Patience {
  readonly #end: number;

  /** @param total milliseconds. */
  constructor(
    total: number,
    private readonly log: Pick<BridgeLog, 'debug'>,
  ) {
    this.#end = performance.now() + total;
  }

  /** Waits a moment; false where enough was waited. Rejects when the app cancels. */
  async more(signal: AbortSignal): Promise<boolean> {
    if (performance.now() >= this.#end) return false;
    this.log.debug('trying again');
    await delay(PAUSE_MIN + Math.random() * PAUSE_SPREAD, undefined, { signal, ref: false });
    return true;
  }
}
