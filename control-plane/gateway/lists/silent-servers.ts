const MEMORY = 60_000;
const IMPATIENCE = 500;

/** Servers that lately let a list wait until its deadline get little time until they answer again, or a minute passes. */
export class SilentServers {
  readonly #until = new Map<string, number>();

  constructor(private readonly now: () => number = Date.now) {}

  note(server: string): void {
    this.#until.set(server, this.now() + MEMORY);
  }

  forget(server: string): void {
    this.#until.delete(server);
  }

  /** Milliseconds that the server may take of a joined list. */
  deadline(server: string, usual: number): number {
    return this.now() < (this.#until.get(server) ?? 0) ? Math.min(IMPATIENCE, usual) : usual;
  }
}
