import type { Backing } from './backing.js';
import type { SavedSignIns } from './saved-sign-in.js';

/** Sign-ins that end with the process. */
export class MemoryBacking implements Backing {
  readonly kind = 'memory';
  readonly place = 'memory: forgotten when the program ends';
  readonly shared = false;
  readonly #turns = new Map<string, Promise<unknown>>();
  #signIns: SavedSignIns = {};
  #saves = 0;

  prepare(): Promise<void> {
    return Promise.resolve();
  }

  load(): Promise<SavedSignIns> {
    return Promise.resolve(this.#signIns);
  }

  save(signIns: SavedSignIns): Promise<void> {
    this.#signIns = signIns;
    this.#saves += 1;
    return Promise.resolve();
  }

  /** No other process could go on with it. */
  keepPending(): Promise<void> {
    return Promise.resolve();
  }

  pending(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  dropPending(): Promise<void> {
    return Promise.resolve();
  }

  exclusive<T>(name: string, _deadline: number, task: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(name) ?? Promise.resolve();
    const turn = before.then(task, task);
    const settled = turn.catch(() => undefined);
    this.#turns.set(name, settled);
    return turn;
  }

  stamp(): Promise<string> {
    return Promise.resolve(String(this.#saves));
  }

  destroy(): Promise<void> {
    this.#signIns = {};
    return Promise.resolve();
  }
}
