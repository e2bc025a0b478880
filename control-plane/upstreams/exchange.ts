import type { Dispatcher } from 'undici';
import { CodedError, errorText } from '#shared/errors.js';
import { AddressRefused } from '../egress/address-refused.js';
import { notReachable } from './not-reachable.js';
import { tooSlow } from './too-slow.js';

export interface ResponseHead {
  /** The address that was asked, without what was added to its query. */
  readonly url: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** Takes a response body as it arrives; `data` answers false to pause it until `resume`. */
export interface BodyConsumer {
  data(chunk: Buffer): boolean;
  end(): void;
  failed(error: unknown): void;
}

export interface ResponseBody {
  /** Starts the flow; to be called once. */
  read(consumer: BodyConsumer): void;
  resume(): void;
  /** Ends the exchange; the consumer hears `reason` where the body had not ended. */
  abort(reason: Error): void;
}

/** One request in undici's dispatch form: no stream objects, and it knows whether bytes can have left. */
export class Exchange implements Dispatcher.DispatchHandler, ResponseBody {
  readonly head: Promise<ResponseHead>;
  #resolve!: (head: ResponseHead) => void;
  #reject!: (error: unknown) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #consumer: BodyConsumer | undefined;
  #started = false;
  #ended = false;
  #failure: unknown;
  #aborted: Error | undefined;

  /** @param times the bounds that its failure names, in milliseconds */
  constructor(
    private readonly times: { readonly firstByte: number; readonly idle: number },
    private readonly url: string,
  ) {
    const head = Promise.withResolvers<ResponseHead>();
    this.head = head.promise;
    this.#resolve = head.resolve;
    this.#reject = head.reject;
    // An exchange may be aborted while nobody waits for its head any more.
    this.head.catch(() => undefined);
  }

  /** It was ended, or has failed. */
  get failed(): boolean {
    return this.#failure !== undefined;
  }

  /** True once the whole answer has arrived. */
  get answered(): boolean {
    return this.#ended;
  }

  read(consumer: BodyConsumer): void {
    this.#consumer = consumer;
    if (this.#failure !== undefined) consumer.failed(this.#failure);
    else if (this.#ended) consumer.end();
    else this.#controller?.resume();
  }

  resume(): void {
    this.#controller?.resume();
  }

  abort(reason: Error): void {
    if (this.#ended || this.#failure !== undefined) return;
    this.#aborted = reason;
    this.#fail(reason);
    this.#controller?.abort(reason);
  }

  /** Bytes may have left from here on, so no failure after it means that the call was not made. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#aborted) controller.abort(this.#aborted);
    else this.#started = true;
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: ResponseHead['headers']): void {
    if (status < 200) return;
    if (this.#consumer === undefined) controller.pause();
    this.#resolve({ status, headers, url: this.url });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#consumer?.data(chunk) === false) controller.pause();
  }

  onResponseEnd(): void {
    this.#ended = true;
    this.#consumer?.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#failure === undefined) this.#fail(this.#aborted ?? this.#errorOf(error));
  }

  #errorOf(error: Error & { code?: string }): CodedError {
    if (error instanceof AddressRefused) return notReachable(error);
    const detail = `${error.code ?? error.name}: ${errorText(error)}`;
    if (!this.#started) return new CodedError('upstream_unreachable', { detail, cause: error });
    if (error.code === 'UND_ERR_HEADERS_TIMEOUT') return tooSlow('firstByteSeconds', this.times.firstByte);
    if (error.code === 'UND_ERR_BODY_TIMEOUT') return tooSlow('idleSeconds', this.times.idle);
    return new CodedError('outcome_unknown', { detail, cause: error });
  }

  #fail(error: unknown): void {
    this.#failure = error;
    this.#reject(error);
    this.#consumer?.failed(error);
  }
}
