/** What one control plane does for all of those on the same database. */
export type Duty = 'catalog' | 'expiry' | 'export';

/** Which duties this process holds. A holder may lose one at any moment; what it writes must be safe against that. */
export abstract class Leadership {
  readonly #listeners = new Map<Duty, Set<() => void>>();

  abstract holds(duty: Duty): boolean;

  /** Runs each time this process gains the duty, and at once where it holds it. The listener must not throw. */
  onGained(duty: Duty, listener: () => void): void {
    const listeners = this.#listeners.get(duty) ?? new Set();
    listeners.add(listener);
    this.#listeners.set(duty, listeners);
    if (this.holds(duty)) listener();
  }

  protected gained(duty: Duty): void {
    for (const listener of this.#listeners.get(duty) ?? []) listener();
  }
}
