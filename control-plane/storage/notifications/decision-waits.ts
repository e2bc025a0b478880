/** Milliseconds after which a waiter that was not told looks whether it would be told. */
const LOOK_EVERY = 1_000;
/** At once in this process. Whoever is one too many does not wait. */
const MAX_WAITING = 10_000;

/** Calls that wait for somebody's decision, by the id of what was asked. */
export class DecisionWaits {
  readonly #waiting = new Map<string, Set<() => void>>();
  #count = 0;
  #closed = false;

  /** @param isTold whether decisions made elsewhere are heard of. */
  constructor(private readonly isTold: () => boolean) {}

  wake(id: string): void {
    for (const wake of this.#waiting.get(id) ?? []) wake();
  }

  wakeAll(): void {
    for (const id of this.#waiting.keys()) this.wake(id);
  }

  /** Nobody waits any more: the process stops. */
  close(): void {
    this.#closed = true;
    this.wakeAll();
  }

  /** Until `isDecided` says so, or `milliseconds` are over. Rejects with the signal's reason. */
  async until(id: string, isDecided: () => Promise<boolean>, milliseconds: number, signal: AbortSignal): Promise<void> {
    const end = performance.now() + milliseconds;
    for (let mustRead = true; !this.#closed;) {
      signal.throwIfAborted();
      // Before it reads, so that no decision falls in between.
      using notice = this.#listen(id, signal);
      if (mustRead && (await isDecided())) return;
      const left = end - performance.now();
      if (left <= 0 || notice === undefined) return;
      mustRead = (await notice.within(Math.min(left, LOOK_EVERY))) || !this.isTold();
    }
  }

  #listen(id: string, signal: AbortSignal): (Disposable & { within(ms: number): Promise<boolean> }) | undefined {
    if (this.#count >= MAX_WAITING) return undefined;
    this.#count += 1;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const wake = (): void => resolve(true);
    const waiters = this.#waiting.get(id) ?? new Set();
    this.#waiting.set(id, waiters.add(wake));
    signal.addEventListener('abort', wake, { once: true });
    let timer: NodeJS.Timeout | undefined;
    return {
      within: (ms) => {
        timer = setTimeout(() => resolve(false), ms);
        return promise;
      },
      [Symbol.dispose]: () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        waiters.delete(wake);
        if (waiters.size === 0) this.#waiting.delete(id);
        this.#count -= 1;
      },
    };
  }
}
