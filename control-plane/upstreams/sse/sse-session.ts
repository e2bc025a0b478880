import { asCoded, CodedError } from '#shared/errors.js';
import { JSON_TYPE } from '#shared/mcp/headers.js';
import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { discard } from '../answer-body.js';
import type { Connections } from '../connections.js';
import type { UpstreamLimits } from '../limits.js';
import { greet } from '../stdio/greeting.js';
import type { HeldBytes } from '../stdio/held-bytes.js';
import { StdioPeer } from '../stdio/stdio-peer.js';
import { refusalOf } from '../refusal.js';
import type { UpstreamAnswer, UpstreamRequest, UpstreamScope } from '../upstream-request.js';
import { endpointOf } from './endpoint.js';
import { SseStream } from './sse-stream.js';

const CLOSED = new CodedError('outcome_unknown', { detail: 'the event stream was closed' });

/** What is spoken with a 2024-11-05 server: requests are posted, answers arrive on the stream that stays open. */
export class SseSession {
  readonly peer: StdioPeer;
  /** Resolves when the stream is over. */
  readonly ended: Promise<void>;
  readonly #stream: SseStream;
  readonly #endpoint = Promise.withResolvers<string>();
  readonly #closing = new AbortController();
  #posted: Promise<void> = Promise.resolve();
  #endpointKnown = false;
  #description: JsonObject = {};

  private constructor(
    private readonly connections: Connections,
    private readonly url: string,
    /** Of the latest call. */
    public access: UpstreamScope['access'],
    private readonly limits: UpstreamLimits,
    waiting: HeldBytes,
  ) {
    const { firstByte, idle, hosted } = limits;
    const { message: held, requests, subscriptions } = hosted;
    const over = Promise.withResolvers<void>();
    this.ended = over.promise;
    this.peer = new StdioPeer({
      firstByte,
      idle,
      held,
      waiting,
      requests,
      subscriptions,
      shared: false,
      write: (line, id) => this.#write(line, id),
    });
    this.#endpoint.promise.catch(() => undefined);
    this.#stream = new SseStream(connections, {
      url,
      access,
      limit: held,
      onEvent: (data) => (this.#endpointKnown ? this.peer.receive(data) : this.#learnEndpoint(data)),
      onEnd: (error) => {
        this.#endpoint.reject(error);
        this.peer.close(error);
        over.resolve();
      },
    });
  }

  /** Opens the stream, learns the endpoint and greets the server, all within the time of a question. */
  static async open(
    connections: Connections,
    url: string,
    { access, client }: Pick<UpstreamScope, 'access' | 'client'>,
    limits: UpstreamLimits,
    waiting: HeldBytes,
  ): Promise<SseSession> {
    const session = new SseSession(connections, url, access, limits, waiting);
    const late = new CodedError('upstream_timeout', { detail: 'the event stream brought no endpoint in time' });
    const timer = setTimeout(() => session.#stream.close(late), limits.question);
    try {
      await session.#endpoint.promise;
      const { era, description } = await greet(session.peer, 'legacy', client, limits.question);
      if (era !== 'legacy') throw new CodedError('upstream_invalid', { detail: 'a modern server behind HTTP+SSE' });
      // What the first call says must not overtake `notifications/initialized`.
      await session.#posted;
      session.#description = description;
      return session;
    } catch (error) {
      session.close();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** What the server says of itself, as a `server/discover` result. */
  get description(): JsonObject {
    return this.#description;
  }

  /** Sends a request, once, and resolves when its answer begins. */
  async send(request: UpstreamRequest): Promise<UpstreamAnswer> {
    return await this.peer.open({ era: 'legacy', description: this.#description }, request);
  }

  close(): void {
    this.#stream.close(CLOSED);
    this.#closing.abort(CLOSED);
  }

  /** The first event is the endpoint; all others are messages. */
  #learnEndpoint(data: Buffer): void {
    try {
      this.#endpoint.resolve(endpointOf(data.toString(), this.url));
      this.#endpointKnown = true;
    } catch (error) {
      this.#stream.close(asCoded(error));
    }
  }

  #write(line: string, requestId: number | undefined): boolean {
    this.#posted = this.#post(line).catch((thrown: unknown) => {
      const error = asCoded(thrown);
      if (requestId !== undefined) this.peer.fail(requestId, error);
      // A server that is gone, or has forgotten the stream, will not say anything on it either.
      if (error.code === 'upstream_unreachable') this.close();
    });
    return true;
  }

  async #post(line: string): Promise<void> {
    const { access, connections, limits } = this;
    const exchange = connections.send(
      {
        method: 'POST',
        url: await this.#endpoint.promise,
        query: access.query,
        headers: { 'content-type': JSON_TYPE, ...access.headers },
        body: line,
        sign: access.sign,
        idle: limits.question,
      },
      this.#closing.signal,
    );
    const head = await exchange.head;
    discard(exchange);
    if (head.status < 200 || head.status >= 300) throw refusalOf(head) ?? unprocessed(head.status);
  }
}

/** A server that refuses a message has not processed it; one that failed may have. */
function unprocessed(status: number): CodedError {
  const detail = `HTTP ${status} to a message`;
  if (status === 404) return new CodedError('upstream_unreachable', { detail });
  return new CodedError(status >= 500 ? 'outcome_unknown' : 'upstream_invalid', { detail });
}
