/** How many are somewhere at once, of each key. */
export class Places {
  readonly #taken = new Map<string, number>();

  constructor(
    private readonly bound: number,
    private readonly full: () => Error,
  ) {}

  /** Throws `full()` where there is no place left. */
  enter(key: string): void {
    const taken = this.#taken.get(key) ?? 0;
    if (taken >= this.bound) throw this.full();
    this.#taken.set(key, taken + 1);
  }

  /** As `enter`; disposing leaves again. */
  take(key: string): Disposable {
    this.enter(key);
    return { [Symbol.dispose]: () => this.leave(key) };
  }

  leave(key: string): void {
    const taken = (this.#taken.get(key) ?? 1) - 1;
    if (taken === 0) this.#taken.delete(key);
    else this.#taken.set(key, taken);
  }
}
