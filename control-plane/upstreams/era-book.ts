import type { Era } from '#shared/mcp/meta.js';

interface Entry {
  readonly verdict: Promise<Era>;
  until: number;
}

/** The era of each server, which its settings stand for: changed ones are a new server. A legacy verdict expires, because a server may be updated; an error is never kept. */
export class EraBook {
  readonly #entries = new WeakMap<object, Entry>();

  constructor(
    private readonly legacyLifetime: number,
    private readonly now: () => number = Date.now,
  ) {}

  of(server: object, detect: () => Promise<Era>): Promise<Era> {
    const known = this.#entries.get(server);
    if (known && this.now() < known.until) return known.verdict;
    const entry: Entry = { verdict: detect(), until: Infinity };
    this.#entries.set(server, entry);
    entry.verdict.then(
      (era) => era === 'legacy' && (entry.until = this.now() + this.legacyLifetime),
      () => this.#entries.get(server) === entry && this.#entries.delete(server),
    );
    return entry.verdict;
  }

  /** The server contradicted its verdict; with `verdict`, unless it was found out anew meanwhile. */
  forget(server: object, verdict = this.#entries.get(server)?.verdict): void {
    if (this.#entries.get(server)?.verdict === verdict) this.#entries.delete(server);
  }
}
