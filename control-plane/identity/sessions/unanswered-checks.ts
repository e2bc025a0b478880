/** Milliseconds between two looks. */
const EVERY = 4_000;

/**
 * Asks the IdP again about sessions for which its answer did not come, so that one which goes on by grace does not find its refresh token worn
 * out. Which these are says the database: whoever asked may have been killed since.
 */
export class UnansweredChecks {
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;

  /**
   * @param find ids of the sessions
   * @param ask about one; why nobody answered is logged where it was asked
   */
  constructor(
    private readonly find: () => Promise<readonly string[]>,
    private readonly ask: (session: string) => Promise<void>,
  ) {}

  /** Looks at once, then again and again: whoever is killed every few seconds would else never ask. */
  start(every = EVERY): void {
    void this.look();
    this.#timer = setInterval(() => void this.look(), every).unref();
  }

  /** Resolves when everyone was asked once; never rejects. One look at a time. */
  async look(): Promise<void> {
    this.#looking ??= this.#askAll().finally(() => (this.#looking = undefined));
    await this.#looking;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #askAll(): Promise<void> {
    // Without a database there is nothing to ask about; the next look finds them.
    const sessions = await this.find().catch(() => []);
    await Promise.all(sessions.map((session) => this.ask(session).catch(() => undefined)));
  }
}
