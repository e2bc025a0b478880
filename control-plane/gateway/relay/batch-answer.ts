import { Writable } from 'node:stream';
import type { AnswerStream } from './client-response.js';

const LF = 0x0a;

/** The event stream that the answers to one batch share: each event stands whole in it, and it ends with the last answer. */
export class BatchAnswer {
  readonly places: readonly AnswerStream[];
  readonly #waiting: (() => void)[] = [];
  #speaker: AnswerPlace | undefined;
  #congested = false;
  #open: number;

  /** @param response whose event stream has begun */
  constructor(
    private readonly response: AnswerStream,
    count: number,
  ) {
    const places = Array.from({ length: count }, () => new AnswerPlace(this));
    this.places = places;
    this.#open = count;
    response.once('close', () => {
      for (const place of places) place.destroy();
    });
  }

  /** Writes where nobody else is in the middle of an event and the client reads; until then the place waits. */
  write(place: AnswerPlace, chunk: Buffer, done: () => void): void {
    if (this.#congested || (this.#speaker !== undefined && this.#speaker !== place)) {
      this.#waiting.push(() => this.write(place, chunk, done));
      return;
    }
    // Only the end of an event or of a comment is a line break (`ClientResponse`).
    this.#speaker = chunk.at(-1) === LF ? undefined : place;
    this.#congested = !this.response.write(chunk);
    if (this.#congested) this.response.once('drain', () => this.#goOn(done));
    else this.#goOn(done);
  }

  #goOn(done: () => void): void {
    this.#congested = false;
    done();
    if (this.#speaker === undefined) this.#waiting.shift()?.();
  }

  ended(): void {
    this.#open -= 1;
    if (this.#open === 0) this.response.end();
  }

  abort(): void {
    this.response.destroy();
  }
}

/** The place of one answer. */
class AnswerPlace extends Writable implements AnswerStream {
  constructor(private readonly answer: BatchAnswer) {
    super({ autoDestroy: false });
  }

  writeHead(): void {}
  flushHeaders(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.answer.write(this, chunk, done);
  }

  override _final(done: () => void): void {
    this.answer.ended();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.answer.abort();
    done(error);
  }
}
