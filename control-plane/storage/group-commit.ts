import { setImmediate } from 'node:timers/promises';
import { CodedError } from '#shared/errors.js';

export interface GroupCommitLimits {
  /** How many may wait; more are refused at once. */
  readonly queue: number;
  readonly batch: number;
  /** Milliseconds until a waiting item gives up. It may still be committed afterwards. */
  readonly wait: number;
}

interface Waiting<T, R> {
  readonly item: T;
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
}

/** Commits together what was added in one turn of the event loop: one fsync instead of many. Order is kept. */
export class GroupCommit<T, R> {
  #waiting: Waiting<T, R>[] = [];
  #running: Promise<void> | undefined;
  #closed = false;

  /** `commit` resolves to one result for each item, in order. */
  constructor(
    private readonly commit: (items: readonly T[]) => Promise<readonly R[]>,
    private readonly limits: GroupCommitLimits,
  ) {}

  /** How many wait that no commit has taken yet. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Resolves once the item is committed; rejects with the commit's error, or `database_unavailable` when full, closed or late. */
  add(item: T): Promise<R> {
    if (this.#closed || this.#waiting.length >= this.limits.queue) {
      return Promise.reject(new CodedError('database_unavailable', { detail: this.#closed ? 'closed' : 'queue full' }));
    }
    const { promise, resolve, reject } = Promise.withResolvers<R>();
    const timer = setTimeout(() => {
      reject(new CodedError('database_unavailable', { detail: 'commit timed out' }));
    }, this.limits.wait);
    this.#waiting.push({ item, resolve, reject });
    this.#running ??= this.#run();
    return promise.finally(() => clearTimeout(timer));
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

  async #commit(batch: readonly Waiting<T, R>[]): Promise<void> {
    try {
      const results = await this.commit(batch.map(({ item }) => item));
      for (const [index, { resolve }] of batch.entries()) resolve(results[index]!);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
