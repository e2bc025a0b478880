import { asCoded, CodedError } from '#shared/errors.js';
import { STREAM_TYPE } from '#shared/mcp/headers.js';
import { formOf } from '../answer.js';
import { discard } from '../answer-body.js';
import type { Connections } from '../connections.js';
import { EventStreamReader } from '../event-stream.js';
import type { Exchange } from '../exchange.js';
import { messageTooLarge } from '../message-too-large.js';
import { refusalOf } from '../refusal.js';
import type { Access } from '../upstream-request.js';

const LF = 0x0a;
const SPACE = Buffer.from(' ');

export interface StreamOptions {
  readonly url: string;
  readonly access: Pick<Access, 'headers' | 'query' | 'sign'>;
  /** Largest event, in bytes. */
  readonly limit: number;
  /** The data of an event, without line breaks. */
  readonly onEvent: (data: Buffer) => void;
  /** The stream is over; called once. */
  readonly onEnd: (error: CodedError) => void;
}

/** The stream of a 2024-11-05 server: one GET that stays open, on which everything that the server says arrives. */
export class SseStream {
  readonly #exchange: Exchange;
  readonly #stop = new AbortController();
  #data: Buffer[] = [];
  #size = 0;
  #ended = false;

  constructor(
    connections: Connections,
    private readonly options: StreamOptions,
  ) {
    const { url, access } = options;
    const headers = { accept: STREAM_TYPE, 'cache-control': 'no-store', ...access.headers };
    const { query, sign } = access;
    const get = { method: 'GET', url, query, headers, body: '', sign, idle: 0, stream: true } as const;
    this.#exchange = connections.send(get, this.#stop.signal);
    void this.#flow();
  }

  close(error: CodedError): void {
    this.#stop.abort(error);
    this.#end(error);
  }

  async #flow(): Promise<void> {
    try {
      const head = await this.#exchange.head;
      if (head.status !== 200 || formOf(head) !== 'events') {
        discard(this.#exchange);
        throw refusalOf(head) ?? notAStream(head.status);
      }
    } catch (error) {
      this.#end(asCoded(error));
      return;
    }
    const reader = new EventStreamReader({
      data: (chunk) => this.#take(chunk),
      event: () => this.#event(),
      comment: () => undefined,
    });
    this.#exchange.read({
      data: (chunk) => {
        if (!this.#ended) reader.write(chunk);
        return true;
      },
      end: () => this.#end(new CodedError('outcome_unknown', { detail: 'the event stream ended' })),
      failed: (error) => this.#end(asCoded(error)),
    });
  }

  #take(chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#size > this.options.limit) {
      this.close(messageTooLarge(this.options.limit));
      return;
    }
    // Copied, lest a few bytes keep a large piece of the connection's memory. A line break may as well be a space.
    this.#data.push(chunk.length === 1 && chunk[0] === LF ? SPACE : Buffer.from(chunk));
  }

  #event(): void {
    const data = Buffer.concat(this.#data);
    this.#data = [];
    this.#size = 0;
    if (!this.#ended && data.length > 0) this.options.onEvent(data);
  }

  #end(error: CodedError): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#data = [];
    this.options.onEnd(error);
  }
}

function notAStream(status: number): CodedError {
  const detail = `HTTP ${status}, no event stream`;
  if (status >= 500) return new CodedError('upstream_unreachable', { detail });
  const message = 'The MCP server opens no event stream. If it was updated, remove `transport: sse` from its settings.';
  return new CodedError('upstream_invalid', { message, detail });
}
