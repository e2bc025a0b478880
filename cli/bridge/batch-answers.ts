/** Characters that are kept for one array; past them, what is there goes out in one of its own. */
const ROOM = 8 * 1024 * 1024;

/** Gathers the answers to the requests of one batch into one array (JSON-RPC 2.0, Batch). */
export class BatchAnswers {
  #ready: string[] = [];
  #size = 0;

  constructor(
    private open: number,
    private readonly output: (batch: string) => Promise<void>,
  ) {}

  async send(answer: string): Promise<void> {
    this.#ready.push(answer);
    this.#size += answer.length;
    await this.without();
  }

  /** One of the requests gets no answer, because it was cancelled. */
  async without(): Promise<void> {
    this.open -= 1;
    const complete = this.open === 0 || this.#size > ROOM;
    if (!complete || this.#ready.length === 0) return;
    const batch = `[${this.#ready.splice(0).join(',')}]`;
    this.#size = 0;
    await this.output(batch);
  }
}
