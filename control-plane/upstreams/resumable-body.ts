import { CodedError } from '#shared/errors.js';
import { EventStreamReader } from './event-stream.js';
import type { BodyConsumer, ResponseBody } from './exchange.js';

/** Milliseconds, where the server names no other. */
const PAUSE = 1_000;
const LONGEST_PAUSE = 30_000;
/** Streams in a row that may bring nothing. */
const MAX_EMPTY = 5;
const EVENT_ID = /^[\x20-\x7e]{1,1024}$/;

/**
 * The event stream of a legacy server's answer. Where the server closes it early, it is taken up again behind its last
 * event (2025-11-25, Resumability and Redelivery): by a GET, so nothing is sent twice.
 */
export class ResumableBody implements ResponseBody {
  #consumer: BodyConsumer | undefined;
  #lastId: string | undefined;
  #pause = PAUSE;
  #empty = 0;
  /** Between two events, so that a stream that goes on can't tear one apart. */
  #whole = true;
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
    this.#lastId = undefined;
  }

  #follow(body: ResponseBody): void {
    this.current = body;
    const reader = this.#reader();
    body.read({
      data: (chunk) => {
        reader.write(chunk);
        return this.#over || this.#consumer!.data(chunk);
      },
      end: () => this.#ended(() => this.#consumer!.end()),
      failed: (error) => this.#ended(() => this.#consumer!.failed(error)),
    });
  }

  #reader(): EventStreamReader {
    return new EventStreamReader({
      data: () => (this.#whole = false),
      comment: () => undefined,
      event: () => {
        if (!this.#whole) this.#empty = 0;
        this.#whole = true;
      },
      field: (name, value) => {
        if (name === 'id' && EVENT_ID.test(value)) this.#lastId = value;
        if (name === 'retry' && /^\d{1,6}$/.test(value)) this.#pause = Math.min(Number(value), LONGEST_PAUSE);
      },
    });
  }

  #ended(give: () => void): void {
    if (this.#over) return;
    const lastId = this.#lastId;
    if (lastId === undefined || !this.#whole || this.#empty >= MAX_EMPTY) {
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
