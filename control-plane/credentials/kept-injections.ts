import type { Injection } from './injection.js';

/** How long a resolved credential is used before it is read again; what was rotated acts within it. */
const KEPT_MS = 30_000;

interface Entry {
  readonly injection: Promise<Injection>;
  readonly until: number;
}

/**
 * What was read, for 30 s, by the settings object that it was read for: what changed in the catalog is read anew.
 * Callers at the same moment share one reading; a failure is never remembered.
 */
export class KeptInjections {
  #entries = new WeakMap<object, Entry>();

  async of(key: object, read: () => Promise<Injection>): Promise<Injection> {
    const known = this.#entries.get(key);
    if (known !== undefined && Date.now() < known.until) return await known.injection;
    const entry = { injection: read(), until: Date.now() + KEPT_MS };
    this.#entries.set(key, entry);
    entry.injection.catch(() => {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
    });
    return await entry.injection;
  }

  forget(key: object): void {
    this.#entries.delete(key);
  }

  forgetAll(): void {
    this.#entries = new WeakMap();
  }
}
