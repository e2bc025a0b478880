import { BatchSplitter } from './batch-splitter.js';
import { EventStreamReader, onOneLine } from './event-stream.js';
import type { BodyConsumer, ResponseBody } from './exchange.js';
import type { UpstreamAnswer } from './upstream-request.js';

const EVENT_START = Buffer.from('data: ');
const EVENT_END = Buffer.from('\n\n');
const COMMENT = Buffer.from(':\n\n');
const OPEN_ARRAY = 0x5b;

type Answer = Pick<UpstreamAnswer, 'form' | 'body' | 'status'>;

/** An answer whose batches are taken apart, so that it is one message, or an event stream with one message in each event. */
export async function withoutBatches(answer: Answer): Promise<Answer> {
  if (answer.form === 'events') return { ...answer, body: new SplitBody(answer.body, 'events') };
  const body = new HeldBody(answer.body);
  if ((await body.firstByte) !== OPEN_ARRAY) return { ...answer, body };
  return { form: 'events', body: new SplitBody(body, 'json') };
}

/** The messages of a body, as an event stream. */
class SplitBody implements ResponseBody {
  #out: Buffer[] = [];
  #inMessage = false;
  readonly #splitter = new BatchSplitter({
    data: (chunk) => {
      if (!this.#inMessage) this.#out.push(EVENT_START);
      this.#inMessage = true;
      this.#out.push(onOneLine(chunk));
    },
    message: () => {
      this.#inMessage = false;
      this.#out.push(EVENT_END);
    },
  });
  readonly #reader = new EventStreamReader({
    data: (chunk) => this.#splitter.write(chunk),
    event: () => this.#splitter.end(),
    comment: () => void (this.#inMessage || this.#out.push(COMMENT)),
  });

  constructor(
    private readonly body: ResponseBody,
    private readonly form: UpstreamAnswer['form'],
  ) {}

  read(consumer: BodyConsumer): void {
    const text = this.form === 'events' ? this.#reader : this.#splitter;
    this.body.read({
      data: (chunk) => {
        text.write(chunk);
        return this.#out.length === 0 || consumer.data(Buffer.concat(this.#out.splice(0)));
      },
      end: () => consumer.end(),
      failed: (error) => consumer.failed(error),
    });
  }

  resume(): void {
    this.body.resume();
  }

  abort(reason: Error): void {
    this.body.abort(reason);
  }
}

/** A body that waits with its first byte until somebody reads it. */
class HeldBody implements ResponseBody {
  /** The first byte that is no space; undefined where the body ended or broke without one. */
  readonly firstByte: Promise<number | undefined>;
  #consumer: BodyConsumer | undefined;
  #held: Buffer | undefined;
  #over: ((consumer: BodyConsumer) => void) | undefined;

  constructor(private readonly body: ResponseBody) {
    const { promise, resolve } = Promise.withResolvers<number | undefined>();
    this.firstByte = promise;
    const end = (over: (consumer: BodyConsumer) => void): void => {
      this.#over = over;
      resolve(undefined);
      if (this.#consumer) over(this.#consumer);
    };
    body.read({
      data: (chunk) => {
        if (this.#consumer) return this.#consumer.data(chunk);
        const first = chunk.findIndex((byte) => byte > 0x20);
        if (first < 0) return true;
        this.#held = Buffer.from(chunk);
        resolve(chunk[first]);
        return false;
      },
      end: () => end((consumer) => consumer.end()),
      failed: (error) => end((consumer) => consumer.failed(error)),
    });
  }

  read(consumer: BodyConsumer): void {
    this.#consumer = consumer;
    const flowing = this.#held === undefined || consumer.data(this.#held);
    this.#held = undefined;
    if (this.#over) this.#over(consumer);
    else if (flowing) this.body.resume();
  }

  resume(): void {
    this.body.resume();
  }

  abort(reason: Error): void {
    this.body.abort(reason);
  }
}
