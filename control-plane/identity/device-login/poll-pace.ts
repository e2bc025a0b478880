import { createHash } from 'node:crypto';

/** Seconds between two polls (RFC 8628 §3.2), and by how much each poll that came too early makes them longer (§3.5). */
export const POLL_INTERVAL_S = 5;
/** Timers and networks are not exact. */
const TOLERANCE_MS = 500;
const REMEMBERED = 10_000;

interface Pace {
  readonly polledAt: number;
  /** Milliseconds. */
  readonly interval: number;
}

/** How fast each device polls. Of many the one that was silent longest is forgotten first. */
export class PollPace {
  readonly #paces = new Map<string, Pace>();

  constructor(private readonly now: () => number = Date.now) {}

  /** Notes a poll; true where it came too early. */
  isTooFast(deviceCode: string): boolean {
    const key = createHash('sha256').update(deviceCode).digest('base64url');
    const polledAt = this.now();
    const last = this.#paces.get(key);
    const interval = last?.interval ?? POLL_INTERVAL_S * 1000;
    const tooFast = last !== undefined && polledAt - last.polledAt < interval - TOLERANCE_MS;
    this.#paces.delete(key);
    this.#paces.set(key, { polledAt, interval: tooFast ? interval + POLL_INTERVAL_S * 1000 : interval });
    if (this.#paces.size > REMEMBERED) this.#forgetOldest();
    return tooFast;
  }

  #forgetOldest(): void {
    const [oldest] = this.#paces.keys();
    if (oldest !== undefined) this.#paces.delete(oldest);
  }
}
