/** A map that forgets: what is older than `life` milliseconds, and the oldest where there are more than `limit`. */
export class BoundedBook<T> {
  readonly #entries = new Map<string, { readonly value: T; readonly until: number }>();

  constructor(
    private readonly limit: number,
    private readonly life: number,
    private readonly now: () => number,
  ) {}

  set(key: string, value: T): void {
    this.#entries.delete(key);
    if (this.#entries.size >= this.limit) this.#forgetOldest();
    this.#entries.set(key, { value, until: this.now() + this.life });
  }

  get(key: string): T | undefined {
    const entry = this.#entries.get(key);
    return entry !== undefined && entry.until > this.now() ? entry.value : undefined;
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  deleteWhere(matches: (value: T) => boolean): void {
    for (const [key, { value }] of this.#entries) if (matches(value)) this.#entries.delete(key);
  }

  /** Oldest first. */
  values(): T[] {
    const now = this.now();
    return [...this.#entries.values()].filter(({ until }) => until > now).map(({ value }) => value);
  }

  #forgetOldest(): void {
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}
