const LF = 0x0a;

export interface LineConsumer {
  /** A line without its end. */
  line(bytes: Buffer): void;
  /** A line was longer than the limit; what is left of it is skipped. */
  tooLong(beginning: Buffer): void;
}

/** Cuts a stream into lines of at most `limit` bytes, whatever the chunks. */
export class LineReader {
  /** Copied into one piece: kept as they come, chunks of one byte would take a hundred times their size. */
  #held = Buffer.alloc(0);
  #size = 0;
  #skipping = false;

  constructor(
    private readonly limit: number,
    private readonly consumer: LineConsumer,
  ) {}

  write(chunk: Buffer): void {
    let from = 0;
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, from)) {
      this.#take(chunk.subarray(from, end));
      this.#endLine();
      from = end + 1;
    }
    this.#take(chunk.subarray(from));
  }

  #take(piece: Buffer): void {
    if (this.#skipping || piece.length === 0) return;
    const size = this.#size + piece.length;
    if (size > this.#held.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(size, this.#held.length * 2));
      this.#held.copy(larger, 0, 0, this.#size);
      this.#held = larger;
    }
    piece.copy(this.#held, this.#size);
    this.#size = size;
    if (size <= this.limit) return;
    const beginning = this.#held.subarray(0, this.limit);
    this.#clear();
    this.#skipping = true;
    this.consumer.tooLong(beginning);
  }

  #endLine(): void {
    if (!this.#skipping && this.#size > 0) {
      const line = this.#held.subarray(0, this.#size);
      this.#clear();
      this.consumer.line(line);
    }
    this.#skipping = false;
  }

  #clear(): void {
    this.#held = Buffer.alloc(0);
    this.#size = 0;
  }
}
