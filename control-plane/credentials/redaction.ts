import { patternsOf, type Patterns } from './redaction/patterns.js';

// Plain ASCII without quote or backslash: it can stand wherever a piece of a JSON string stood.
const MASK = Buffer.from('[redacted]');
const NOTHING = Buffer.alloc(0);
/** Comparisons that one stream may cost, in all and for each byte of it: a tenth of a second, and less than its transport. */
const MAX_STEPS = 500_000;
const STEPS_PER_BYTE = 2;

/** Masks secrets in a stream of bytes. One for each stream. */
export interface Redactor {
  /** What may leave now. The end is held back while a secret could continue in the next chunk. */
  write(chunk: Buffer): Buffer;
  /** What was still held back. */
  end(): Buffer;
  /** How many masks were set. */
  readonly hits: number;
}

/**
 * Masks each secret in the encodings of `redaction/`. Bytes without a secret pass as they are. A line break
 * releases everything before it, so that an event of a stream is never kept waiting.
 */
export function createRedactor(secrets: readonly string[]): Redactor {
  const patterns = patternsOf(secrets);
  return patterns === undefined ? PASS_THROUGH : new StreamRedactor(patterns);
}

/** The same for a whole text, such as an error message. */
export function redactText(secrets: readonly string[], text: string): string {
  const redactor = createRedactor(secrets);
  const masked = Buffer.concat([redactor.write(Buffer.from(text)), redactor.end()]);
  return redactor.hits === 0 ? text : masked.toString();
}

const PASS_THROUGH: Redactor = { write: (chunk) => chunk, end: () => NOTHING, hits: 0 };

class StreamRedactor implements Redactor {
  hits = 0;
  #held: Buffer = NOTHING;
  /** How many of the held bytes lie under a mask that was sent already. */
  #masked = 0;
  readonly #effort = { left: MAX_STEPS };

  constructor(private readonly patterns: Patterns) {}

  write(chunk: Buffer): Buffer {
    this.#effort.left += chunk.length * STEPS_PER_BYTE;
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    return this.#release(bytes, this.#decidable(bytes));
  }

  end(): Buffer {
    return this.#release(this.#held, this.#held.length);
  }

  /** Up to where each place is known to start a match or none, whatever follows. */
  #decidable(bytes: Buffer): number {
    const first = Math.max(0, bytes.length - this.patterns.longest + 1);
    // What was held back holds none that separates.
    const known = Math.max(first, this.#held.length);
    let at = bytes.length;
    while (at > known && !this.patterns.separates(bytes[at - 1] ?? 0)) at -= 1;
    return at > known ? at : first;
  }

  #release(bytes: Buffer, until: number): Buffer {
    const pieces: Buffer[] = [];
    let done = this.#masked;
    for (const { start, end } of this.patterns.matches(bytes.toString('latin1'), until, this.#effort)) {
      if (start >= done) {
        pieces.push(bytes.subarray(done, start), MASK);
        this.hits += 1;
      }
      done = Math.max(done, end);
    }
    if (done < until) pieces.push(bytes.subarray(done, until));
    // A copy: the chunk belongs to whoever reads the socket.
    this.#held = Buffer.from(bytes.subarray(until));
    this.#masked = Math.max(0, done - until);
    return pieces.length === 1 ? (pieces[0] ?? NOTHING) : Buffer.concat(pieces);
  }
}
