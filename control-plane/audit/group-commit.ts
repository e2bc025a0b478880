import { setImmediate } from 'node:timers/promises';
import { CodedError } from '#shared/errors.js';

export interface GroupCommitLimits {
  /** How many may wait; more are refused at once. */
  readonly queue: number;
  readonly batch: number;
  /** Milliseconds until a waiting item gives up. It may still be committed afterwards. */
  readonly wait: number;
}

interface Waiting<T> {
  readonly item: T;
  readonly settle: (error?: unknown) => void;
}

/** Commits together what was added in one turn of the event loop: one fsync instead of many. Order is kept. */
export class GroupCommit<T> {
  #waiting: Waiting<T>[] = [];
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(
    private readonly commit: (items: readonly T[]) => Promise<void>,
    private readonly limits: GroupCommitLimits,
  ) {}

  /** Resolves once the item is committed; rejects with the commit's error, or `audit_unavailable` when full, closed or late. */
  add(item: T): Promise<void> {
    if (this.#closed || this.#waiting.length >= this.limits.queue) {
      return Promise.reject(new CodedError('audit_unavailable', { detail: this.#closed ? 'closed' : 'queue full' }));
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new CodedError('audit_unavailable', { detail: 'commit timed out' }));
      }, this.limits.wait);
      const settle = (error?: unknown): void => {
        clearTimeout(timer);
        if (error === undefined) resolve();
        else reject(error);
      };
      this.#waiting.push({ item, settle });
      this.#running ??= this.#run();
    });
  }

  /** Takes nothing more; resolves when all that waited is settled. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    do {
      await setImmediate();
      await this.#commit(this.#waiting.splice(0, this.limits.batch));
    } while (this.#waiting.length > 0);
    this.#running = undefined;
  }

  async #commit(batch: readonly Waiting<T>[]): Promise<void> {
    let failure: unknown;
    try {
      await this.commit(batch.map(({ item }) => item));
    } catch (error) {
      failure = error ?? new CodedError('audit_unavailable');
    }
    for (const { settle } of batch) settle(failure);
  }
}
