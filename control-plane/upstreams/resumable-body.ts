import { CodedError } from '#shared/errors.js';
import { EventStreamReader } from './event-stream.js';
import type { BodyConsumer, ResponseBody } from './exchange.js';

/** Milliseconds, where the server names no other, and the bounds of what it may name. */
const PAUSE = 1_000;
const SHORTEST_PAUSE = 500;
const LONGEST_PAUSE = 30_000;
/** Streams in a row that may bring nothing. */
const MAX_EMPTY = 5;
/** Bytes of an event that are kept until it is complete; a larger one flows, and can't be taken up again. */
const HOLD = 64 * 1024;
const EVENT_ID = /^[\x20-\x7e]{1,1024}$/;
const NOTHING = Buffer.alloc(0);

/**
 * The event stream of a legacy server's answer. Where the server closes it early, it is taken up again behind its last
 * complete event (2025-11-25, Resumability and Redelivery): by a GET, so nothing is sent twice. What was cut comes again
 * whole, so it is passed on once it is complete.
 */
export class ResumableBody implements ResponseBody {
  #consumer: BodyConsumer | undefined;
  #lastId: string | undefined;
  #pause = PAUSE;
  #empty = 0;
  /** The beginning of an event that is not complete. */
  #held: Buffer = NOTHING;
  /** A part of an event has been passed on. */
  #torn = false;
  #said = false;
  #resumable = true;
  #over = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private current: ResponseBody,
    private readonly reopen: (lastEventId: string) => Promise<ResponseBody>,
    signal: AbortSignal,
  ) {
    signal.addEventListener('abort', () => this.abort(signal.reason as Error), { once: true });
  }

  read(consumer: BodyConsumer): void {
    this.#consumer = consumer;
    this.#follow(this.current);
  }

  resume(): void {
    this.current.resume();
  }

  abort(reason: Error): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    this.current.abort(reason);
    this.#consumer?.failed(reason);
  }

  /** The response was read: a stream that ends from now on is complete. */
  settled(): void {
    this.#resumable = false;
  }

  #follow(body: ResponseBody): void {
    this.current = body;
    this.#held = NOTHING;
    this.#said = false;
    const reader = this.#reader();
    body.read({
      data: (chunk) => {
        const complete = reader.write(chunk);
        return this.#over || this.#pass(chunk, complete);
      },
      end: () => this.#ended(() => this.#consumer!.end()),
      failed: (error) => this.#ended(() => this.#consumer!.failed(error)),
    });
  }

  #pass(chunk: Buffer, complete: number): boolean {
    // Without an id there is nothing to go back to.
    if (this.#lastId === undefined) return this.#consumer!.data(chunk);
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    if (complete > 0) this.#torn = false;
    const whole = complete === 0 ? 0 : bytes.length - chunk.length + complete;
    if (this.#torn || bytes.length - whole > HOLD) {
      this.#torn = true;
      this.#held = NOTHING;
      return this.#consumer!.data(bytes);
    }
    // A copy: the chunk belongs to whoever reads the socket.
    this.#held = Buffer.from(bytes.subarray(whole));
    return whole === 0 || this.#consumer!.data(bytes.subarray(0, whole));
  }

  #reader(): EventStreamReader {
    return new EventStreamReader({
      data: () => (this.#said = true),
      comment: () => undefined,
      event: () => {
        if (this.#said) this.#empty = 0;
        this.#said = false;
      },
      field: (name, value) => {
        if (name === 'id' && EVENT_ID.test(value)) this.#lastId = value;
        if (name === 'retry' && /^\d{1,6}$/.test(value)) {
          this.#pause = Math.min(Math.max(Number(value), SHORTEST_PAUSE), LONGEST_PAUSE);
        }
      },
    });
  }

  #ended(give: () => void): void {
    if (this.#over) return;
    const lastId = this.#lastId;
    if (lastId === undefined || !this.#resumable || this.#torn || this.#empty >= MAX_EMPTY) {
      this.#over = true;
      give();
      return;
    }
    this.#empty += 1;
    this.#timer = setTimeout(() => {
      this.reopen(lastId).then(
        (body) => (this.#over ? body.abort(new CodedError('interrupted')) : this.#follow(body)),
        () => this.#ended(give),
      );
    }, this.#pause);
  }
}
