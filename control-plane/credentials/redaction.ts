import { patternsOf, type Match, type Patterns } from './redaction/patterns.js';

// Plain ASCII without quote or backslash: it can stand wherever a piece of a JSON string stood.
const MASK = Buffer.from('[redacted]');
const NOTHING = Buffer.alloc(0);

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

  constructor(private readonly patterns: Patterns) {}

  write(chunk: Buffer): Buffer {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    return this.#release(bytes, this.#decidable(bytes));
  }

  end(): Buffer {
    return this.#release(this.#held, this.#held.length);
  }

  /** Up to where each place is known to start a match or none, whatever follows. */
  #decidable(bytes: Buffer): number {
    const first = Math.max(0, bytes.length - this.patterns.longest + 1);
    let at = bytes.length;
    while (at > first && !this.patterns.separates(bytes[at - 1] ?? 0)) at -= 1;
    return at;
  }

  #release(bytes: Buffer, until: number): Buffer {
    const pieces: Buffer[] = [];
    let done = this.#masked;
    for (const { start, end } of this.#matches(bytes, until)) {
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

  /** Matches that start before `until`, also overlapping ones: a secret may begin inside of another. */
  *#matches(bytes: Buffer, until: number): Generator<Match> {
    const text = bytes.toString('latin1');
    let match = this.patterns.find(text, 0);
    while (match !== undefined && match.start < until) {
      yield match;
      match = this.patterns.find(text, match.start + 1);
    }
  }
}
