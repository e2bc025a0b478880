import type { Session } from '../caller.js';

const ENDED = Symbol('ended');
const MAX_REMEMBERED = 20_000;

/**
 * The sessions that calls read from memory, while memory is `current`. An ended one leaves a mark, which is never
 * forgotten for a change, and whatever is forgotten is not brought back by a read that began before.
 */
export class LiveSessions {
  readonly #entries = new Map<string, Session | typeof ENDED>();
  /** Grows with all that makes a read under way outdated. */
  #generation = 0;

  constructor(
    private readonly load: (id: string) => Promise<Session | undefined>,
    private readonly current: () => boolean,
  ) {}

  async find(id: string): Promise<Session | undefined> {
    const known = this.#entries.get(id);
    if (known === ENDED) return undefined;
    if (known !== undefined && this.current()) return known;
    const generation = this.#generation;
    const loaded = await this.load(id);
    if (this.#entries.get(id) === ENDED) return undefined;
    if (!loaded) this.#entries.delete(id);
    else if (generation === this.#generation) this.#remember(id, loaded);
    return loaded;
  }

  /** True where this is the first that memory hears of the end. */
  end(id: string): boolean {
    if (this.#entries.get(id) === ENDED) return false;
    this.#generation += 1;
    this.#remember(id, ENDED);
    return true;
  }

  /** The session has changed: it is read again when it is next asked for. */
  forget(id: string): void {
    this.#generation += 1;
    if (this.#entries.get(id) !== ENDED) this.#entries.delete(id);
  }

  /** Anything may have changed. */
  forgetAll(): void {
    this.#generation += 1;
    for (const [id, entry] of this.#entries) if (entry !== ENDED) this.#entries.delete(id);
  }

  #remember(id: string, entry: Session | typeof ENDED): void {
    this.#entries.delete(id);
    this.#entries.set(id, entry);
    if (this.#entries.size <= MAX_REMEMBERED) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}
