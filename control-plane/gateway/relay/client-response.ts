import type { OutgoingHttpHeaders } from 'node:http';
import { ERRORS, type CodedError } from '#shared/errors.js';
import { JSON_TYPE, STREAM_TYPE } from '#shared/mcp/headers.js';
import type { JsonObject, RequestId } from '#shared/mcp/json-rpc.js';
import { onOneLine } from '../../upstreams/event-stream.js';
import { BatchAnswer } from './batch-answer.js';

const EVENT_START = Buffer.from('data: ');
const EVENT_END = Buffer.from('\n\n');
const MAX_UNREAD = 1024 * 1024;
const COMMENT = Buffer.from(':\n\n');

/** What an answer is written to: an HTTP response, or a place among the answers to a batch. */
export interface AnswerStream {
  readonly writableLength: number;
  readonly writableEnded: boolean;
  writeHead(status: number, headers: OutgoingHttpHeaders): unknown;
  flushHeaders(): void;
  write(chunk: Buffer): boolean;
  end(): unknown;
  destroy(): unknown;
  on(event: 'drain' | 'error', listener: () => void): unknown;
  once(event: 'close' | 'drain', listener: () => void): unknown;
}

/** Sees every byte of messages as it leaves. */
export interface AnswerWatch {
  write(chunk: Buffer): void;
  /** A message has ended; another one begins. */
  begin(): void;
}

/** The HTTP answer to one POST: nothing, one JSON message, or an event stream that ends with one. */
export class ClientResponse {
  #form: 'none' | 'json' | 'events' = 'none';
  #midMessage = false;
  #next: Buffer[] = [];
  #bytes = 0;
  #watch: AnswerWatch | undefined;
  #answer: JsonObject | undefined;

  constructor(private readonly response: AnswerStream) {
    // Whoever writes may not know yet that the client has gone.
    response.on('error', () => undefined);
  }

  watch(watch: AnswerWatch): void {
    this.#watch = watch;
  }

  /** Bytes of messages written so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The answer, where it was a message of our own. */
  get answer(): JsonObject | undefined {
    return this.#answer;
  }

  /** The client reads so slowly that what we say to it fills memory. */
  get congested(): boolean {
    return this.response.writableLength > MAX_UNREAD;
  }

  /** Sends the head of an event stream at once, so that the client sees its call under way. */
  beginEvents(): void {
    if (this.#form !== 'none') return;
    this.#form = 'events';
    this.response.writeHead(200, {
      'content-type': STREAM_TYPE,
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    this.response.flushHeaders();
  }

  /** The answers to the requests of a batch, as one event stream in place of this answer. */
  split(count: number): ClientResponse[] {
    if (count === 0) return [];
    this.beginEvents();
    return new BatchAnswer(this.response, count).places.map((place) => {
      const client = new ClientResponse(place);
      client.beginEvents();
      return client;
    });
  }

  /** The status of an answer that is one message; without effect once it has begun. */
  status = 200;

  /** A part of a message; false asks to wait for `onDrain`. */
  part(bytes: readonly Buffer[]): boolean {
    if (bytes.length === 0) return true;
    if (this.#form === 'none') this.#beginJson(this.status);
    if (!this.#midMessage && this.#form === 'events') this.response.write(EVENT_START);
    this.#midMessage = true;
    let flowing = true;
    for (const part of bytes) {
      this.#bytes += part.length;
      this.#watch?.write(part);
      flowing = this.response.write(this.#form === 'events' ? onOneLine(part) : part);
    }
    return flowing;
  }

  /** The last part of a message; in an event stream others may follow. */
  endMessage(rest: Buffer): boolean {
    const flowing = this.part([rest]);
    this.#midMessage = false;
    this.#watch?.begin();
    if (this.#form !== 'events') return flowing;
    const drained = this.response.write(EVENT_END) && flowing;
    const next = this.#next.shift();
    return next === undefined ? drained : this.endMessage(next);
  }

  /** A message of our own, in an event stream: before the next one of the server. */
  sendEvent(message: JsonObject): void {
    const body = Buffer.from(JSON.stringify(message));
    if (this.#midMessage) this.#next.push(body);
    else this.endMessage(body);
  }

  /** False asks to wait for `onDrain`. */
  comment(): boolean {
    return this.#form === 'events' && !this.#midMessage ? this.response.write(COMMENT) : true;
  }

  /** The client went away before its answer was complete. */
  onGone(listener: () => void): void {
    this.response.once('close', () => {
      if (!this.response.writableEnded) listener();
    });
  }

  onDrain(listener: () => void): void {
    this.response.on('drain', listener);
  }

  /** Ends the answer after its last message. */
  end(): void {
    this.response.end();
  }

  /** One whole JSON-RPC message as the whole answer, or as the last event of a stream. */
  sendMessage(message: JsonObject, status = 200, headers: Readonly<Record<string, string | string[]>> = {}): void {
    if (this.#midMessage) {
      this.abort();
      return;
    }
    this.#answer = message;
    const body = Buffer.from(JSON.stringify(message));
    if (this.#form === 'none') this.#beginJson(status, { ...headers, 'content-length': String(body.length) });
    this.endMessage(body);
    this.end();
  }

  sendResult(id: RequestId, result: JsonObject, headers: Readonly<Record<string, string>> = {}): void {
    this.sendMessage({ jsonrpc: '2.0', id, result }, 200, headers);
  }

  /** The JSON-RPC form of an error, with the HTTP status `status`. A message that was begun can only be cut. */
  sendError(
    id: RequestId | undefined,
    error: CodedError,
    status: number,
    extra: { readonly data?: JsonObject; readonly headers?: Readonly<Record<string, string | string[]>> } = {},
  ): void {
    const { jsonRpc } = ERRORS[error.code];
    const body = { code: jsonRpc, message: error.message, data: { code: error.code, ...extra.data } };
    this.sendMessage({ jsonrpc: '2.0', ...(id === undefined ? {} : { id }), error: body }, status, extra.headers);
  }

  /** No message at all: 202 for a notification, 405, or the empty stream of a cancelled call. */
  sendStatus(status: number, headers: Readonly<Record<string, string | string[]>> = {}): void {
    this.response.writeHead(status, headers);
    this.response.end();
  }

  /** A cancelled request gets no response (2025-11-25, Cancellation), so its answer just ends. */
  endWithoutResponse(): void {
    if (this.#midMessage) this.abort();
    else {
      this.beginEvents();
      this.end();
    }
  }

  /** Cuts the connection: the only way to tell that a message which was begun will not be completed. */
  abort(): void {
    this.response.destroy();
  }

  #beginJson(status: number, headers: Readonly<Record<string, string | string[]>> = {}): void {
    this.#form = 'json';
    this.response.writeHead(status, { 'content-type': JSON_TYPE, ...headers });
  }
}
