import { CodedError } from '#shared/errors.js';
import type { BodyConsumer, ResponseBody } from '../exchange.js';
import { tooSlow } from '../too-slow.js';
import type { HeldBytes, Holder } from './held-bytes.js';

const DATA = Buffer.from('data: ');
const EVENT_END = Buffer.from('\n\n');

export interface AnswerBounds {
  /** Milliseconds until the answer begins. */
  readonly firstByte: number;
  /** Longest silence in milliseconds, once it has begun. */
  readonly idle: number;
  /** Largest number of bytes that wait for a slow client. */
  readonly held: number;
}

/**
 * The answer to one request over stdio, in the two forms that HTTP servers have: the response alone, or an event stream
 * where notifications came before it. A slow client holds up nobody else: what waits for it is kept here, bounded.
 */
export class PendingAnswer implements ResponseBody, Holder {
  /** Settles when the answer begins. */
  readonly head: Promise<'json' | 'events'>;
  readonly #begin: (form: 'json' | 'events') => void;
  readonly #reject: (error: Error) => void;
  #form: 'json' | 'events' | undefined;
  #queue: Buffer[] = [];
  #held = 0;
  #consumer: BodyConsumer | undefined;
  #paused = false;
  #state: 'open' | 'answered' | 'ended' | 'failed' = 'open';
  #failure: Error | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly bounds: AnswerBounds,
    /** What waits for all clients together. */
    private readonly waiting: HeldBytes,
    /** Nobody waits any more: the server may stop working on it. */
    private readonly onAbandoned: () => void,
  ) {
    const { promise, resolve, reject } = Promise.withResolvers<'json' | 'events'>();
    this.head = promise;
    this.#begin = resolve;
    this.#reject = reject;
    promise.catch(() => undefined);
    this.#restartTimer();
  }

  /** A notification that belongs to the request: one JSON-RPC message without line breaks. */
  notification(message: Buffer): void {
    if (this.#state !== 'open') return;
    this.#restartTimer();
    this.#form ??= 'events';
    this.#push(this.#framed(message));
  }

  /** A request of the server to the client: while somebody thinks about it, the server's silence is no fault. */
  question(message: Buffer): void {
    this.notification(message);
    clearTimeout(this.#timer);
  }

  /** What the server asked was answered. */
  answered(): void {
    if (this.#state === 'open') this.#restartTimer();
  }

  /** The response: one JSON-RPC message without line breaks. */
  response(message: Buffer): void {
    if (this.#state !== 'open') return;
    clearTimeout(this.#timer);
    this.#form ??= 'json';
    this.#state = 'answered';
    this.#push(this.#framed(message));
  }

  /** Ends the answer with an error; without effect once the response has arrived. */
  fail(error: Error): void {
    if (this.#state === 'open') this.#end(error);
  }

  #end(error: Error): void {
    clearTimeout(this.#timer);
    this.#state = 'failed';
    this.#failure = error;
    this.#queue = [];
    this.#held = 0;
    this.waiting.note(this, 0);
    this.#reject(error);
    this.#consumer?.failed(error);
  }

  read(consumer: BodyConsumer): void {
    this.#consumer = consumer;
    if (this.#failure) consumer.failed(this.#failure);
    else this.#flush();
  }

  resume(): void {
    this.#paused = false;
    this.#flush();
  }

  giveUp(): void {
    this.abort(new CodedError('outcome_unknown', { detail: 'the client reads too slowly' }));
  }

  /** Of a response that waits for a slow client nothing more is passed on. */
  abort(reason: Error): void {
    if (this.#state === 'open') this.onAbandoned();
    if (this.#state === 'open' || this.#state === 'answered') this.#end(reason);
  }

  #framed(message: Buffer): Buffer {
    return this.#form === 'events' ? Buffer.concat([DATA, message, EVENT_END]) : message;
  }

  #push(bytes: Buffer): void {
    this.#queue.push(bytes);
    this.#held += bytes.length;
    this.#begin(this.#form!);
    this.#flush();
    if (this.#state === 'open' && this.#held > this.bounds.held) this.giveUp();
  }

  #flush(): void {
    if (this.#consumer) this.#handOver(this.#consumer);
    this.waiting.note(this, this.#held);
  }

  #handOver(consumer: BodyConsumer): void {
    while (!this.#paused && this.#queue.length > 0) {
      const bytes = this.#queue.shift()!;
      this.#held -= bytes.length;
      this.#paused = !consumer.data(bytes);
    }
    if (this.#paused || this.#state !== 'answered') return;
    this.#state = 'ended';
    consumer.end();
  }

  #restartTimer(): void {
    clearTimeout(this.#timer);
    const key = this.#form === undefined ? 'firstByteSeconds' : 'idleSeconds';
    const wait = key === 'firstByteSeconds' ? this.bounds.firstByte : this.bounds.idle;
    this.#timer = setTimeout(() => this.abort(tooSlow(key, wait)), wait);
    this.#timer.unref();
  }
}
