/** Milliseconds: of what a server goes on refusing, no more often is something else asked for. */
const EVERY = 60_000;
const MAX_NAMES = 10_000;

/**
 * How often a refused token (HTTP 401) may be asked for anew: a server that refuses everything must not send every call to the
 * authorization server. Of more names than 10,000 the one renewed first is forgotten.
 */
export class RenewalBound {
  readonly #last = new Map<string, number>();

  /** Whether it may be renewed now, which then counts. */
  take(name: string, now: number): boolean {
    const last = this.#last.get(name);
    if (last !== undefined && now < last + EVERY) return false;
    this.#last.delete(name);
    this.#last.set(name, now);
    const [oldest] = this.#last.keys();
    if (this.#last.size > MAX_NAMES && oldest !== undefined) this.#last.delete(oldest);
    return true;
  }
}
