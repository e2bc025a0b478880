import type { Session } from '../caller.js';

const ENDED = Symbol('ended');
const MAX_REMEMBERED = 20_000;

/**
 * The sessions that calls read from memory. An ended one leaves a mark, so that a read of the database that began
 * before the end cannot bring it back.
 */
export class LiveSessions {
  readonly #entries = new Map<string, Session | typeof ENDED>();

  constructor(private readonly load: (id: string) => Promise<Session | undefined>) {}

  async find(id: string): Promise<Session | undefined> {
    const known = this.#entries.get(id);
    if (known !== undefined) return known === ENDED ? undefined : known;
    const loaded = await this.load(id);
    const meanwhile = this.#entries.get(id);
    if (meanwhile !== undefined) return meanwhile === ENDED ? undefined : meanwhile;
    if (loaded) this.#remember(id, loaded);
    return loaded;
  }

  /** Takes a changed session, unless it has ended. */
  put(session: Session): void {
    if (this.#entries.get(session.id) !== ENDED) this.#remember(session.id, session);
  }

  /** True where this is the first that memory hears of the end. */
  end(id: string): boolean {
    if (this.#entries.get(id) === ENDED) return false;
    this.#remember(id, ENDED);
    return true;
  }

  #remember(id: string, entry: Session | typeof ENDED): void {
    this.#entries.delete(id);
    this.#entries.set(id, entry);
    if (this.#entries.size <= MAX_REMEMBERED) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}
