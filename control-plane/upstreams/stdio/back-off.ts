export interface BackOffBounds {
  /** Milliseconds before the first new attempt, doubled after each failure. */
  readonly first: number;
  readonly longest: number;
  /** How long a server must have lived for its end to count as the first failure. */
  readonly stable: number;
}

interface Failures {
  readonly count: number;
  readonly until: number;
}

/** When a server that failed may be started again. */
export class BackOff {
  readonly #failures = new Map<string, Failures>();

  constructor(
    private readonly bounds: BackOffBounds,
    private readonly now: () => number = Date.now,
  ) {}

  /** Milliseconds until the next attempt; 0 where it may be made. */
  wait(key: string): number {
    return Math.max(0, (this.#failures.get(key)?.until ?? 0) - this.now());
  }

  /** @param lived milliseconds between start and end; 0 where it never started. */
  failed(key: string, lived: number): void {
    const before = lived >= this.bounds.stable ? 0 : (this.#failures.get(key)?.count ?? 0);
    const wait = Math.min(this.bounds.longest, this.bounds.first * 2 ** before);
    this.#failures.set(key, { count: before + 1, until: this.now() + wait });
  }

  /** Forgets what lies so far back that it says nothing any more. */
  sweep(): void {
    const old = this.now() - this.bounds.longest * 2;
    for (const [key, { until }] of this.#failures) if (until < old) this.#failures.delete(key);
  }
}
