import { CodedError } from '#shared/errors.js';
import { lowerRequest } from '#shared/mcp/eras.js';
import type { JsonObject, JsonRpcRequest, RequestId } from '#shared/mcp/json-rpc.js';
import { isObject, textOf } from '#shared/mcp/json-rpc.js';
import { META, type Era } from '#shared/mcp/meta.js';
import { deeperThan, MAX_NESTING } from '#shared/mcp/nesting.js';
import { parseMessage } from '../answer-body.js';
import { splitBatch } from '../batch-splitter.js';
import { onOneLine } from '../event-stream.js';
import { readNotifications, type Listener, type Listening } from '../listening.js';
import { newLogLevel } from '../log-level.js';
import { outsideOfCalls, SessionEvents } from '../session-events.js';
import type { UpstreamAnswer, UpstreamRequest } from '../upstream-request.js';
import { requireListenerPlace, requireRequestPlace } from './channel-places.js';
import type { HeldBytes } from './held-bytes.js';
import { PendingAnswer, type AnswerBounds } from './pending-answer.js';

export interface PeerOptions extends AnswerBounds {
  /** What waits for all clients together, those of other peers too. */
  readonly waiting: HeldBytes;
  /** Hands a line to the server, and which request it is; false where the server can't take any more. */
  readonly write: (line: string, requestId?: number) => boolean;
  /** Requests under way at once. */
  readonly requests: number;
  /** Subscriptions at once, beside them. */
  readonly subscriptions: number;
  /** Several people speak with this server, so what it says of itself is nobody's. */
  readonly shared: boolean;
}

export interface SentRequest {
  readonly answer: PendingAnswer;
  /** The request id that the server saw. */
  readonly requestId: number;
}

interface Pending {
  readonly answer: PendingAnswer;
  /** The server may ask the client that waits for this answer. */
  readonly asks: boolean;
  /** It has no end of its own, so nobody waits for it. */
  readonly subscription: boolean;
  /** The client's own progress token; the server sees the request id instead. */
  readonly token: unknown;
}

/** Lists change for everybody, whatever call is under way. */
const LIST_CHANGES = /^notifications\/(?:\w+\/list_changed|resources\/updated)$/;
/** Milliseconds; the longest that a timer takes. */
const FOR_EVER = 2_147_483_647;

/** JSON-RPC with one server over lines (MCP, transports: stdio): many requests at once, each under an id of its own. */
export class StdioPeer {
  readonly #pending = new Map<number, Pending>();
  readonly #waiting: (() => void)[] = [];
  #lastId = 0;
  #closed: CodedError | undefined;
  #logLevel: string | undefined;
  /** What the server says that belongs to no request. */
  readonly events: SessionEvents = new SessionEvents({
    start: () => undefined,
    stop: () => undefined,
    request: (method, uri) => this.#command(method, { uri }),
  });
  /** The server speaks the revision that has batches. */
  batches = false;
  /** When something was last asked or said. */
  lastActive = Date.now();

  constructor(private readonly options: PeerOptions) {}

  get busy(): boolean {
    return this.#calls().length > 0;
  }

  /** Somebody hears what it says outside of calls, so it is not idle. */
  get heard(): boolean {
    return this.events.heard || this.#subscriptions > 0;
  }

  get #subscriptions(): number {
    return this.#pending.size - this.#calls().length;
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    if (!this.busy) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    await promise;
  }

  /** Sends a client's request in the server's own revision, once, and resolves when its answer begins. */
  async open(
    { era, description }: { readonly era: Era; readonly description: JsonObject },
    { message, signal, asks = false }: UpstreamRequest,
  ): Promise<UpstreamAnswer> {
    if (era === 'legacy') this.#tellLogLevel(message, description);
    const sent = era === 'legacy' ? lowerRequest(message) : message;
    const { answer, requestId } = this.send(sent, signal, this.options, { asks });
    const reply = (id: RequestId, said: JsonObject): void => this.#reply(id, said);
    return { era, requestId, form: await answer.head, body: answer, reply };
  }

  /** Sends a modern server's `subscriptions/listen`, and hands on what it says from then on. */
  subscribe(message: JsonRpcRequest, listener: Listener, signal: AbortSignal): Listening {
    const stop = new AbortController();
    const bounds = { ...this.options, firstByte: FOR_EVER, idle: FOR_EVER };
    const { answer } = this.send(message, AbortSignal.any([signal, stop.signal]), bounds, { subscription: true });
    readNotifications(answer, listener, this.options.held);
    return { close: () => stop.abort(new CodedError('interrupted')) };
  }

  /** Sends a request, once. Throws what means that nothing was sent; its answer fails with what came later. */
  send(
    message: JsonRpcRequest,
    signal: AbortSignal,
    bounds: AnswerBounds = this.options,
    kind: Partial<Pick<Pending, 'asks' | 'subscription'>> = {},
  ): SentRequest {
    signal.throwIfAborted();
    if (this.#closed) throw notSent('the server has ended');
    const { requests, subscriptions } = this.options;
    if (kind.subscription) requireListenerPlace(this.#subscriptions, subscriptions);
    else requireRequestPlace(this.#calls().length, requests);
    const requestId = (this.#lastId += 1);
    const { request, token } = withToken({ ...message, id: requestId });
    if (!this.#write(request, requestId)) throw notSent('the server does not read what it is sent');
    const answer = new PendingAnswer(bounds, this.options.waiting, () => this.#cancel(requestId));
    const onAbort = (): void => answer.abort(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
    this.#pending.set(requestId, { answer, token, asks: false, subscription: false, ...kind });
    return { answer, requestId };
  }

  notify(method: string, params?: JsonObject): void {
    this.#write({ jsonrpc: '2.0', method, ...(params === undefined ? {} : { params }) });
  }

  /** Takes a line of the server; false where it is no JSON-RPC message. */
  receive(line: Buffer): boolean {
    if (!this.batches) return this.#receive(line);
    return splitBatch(line).reduce((known, message) => this.#receive(message) && known, true);
  }

  #receive(line: Buffer): boolean {
    const message = parseMessage(line, Number.POSITIVE_INFINITY);
    if (message === undefined) return false;
    this.lastActive = Date.now();
    if (!('method' in message)) this.#response(message, line);
    else if (deeperThan(line.toString(), MAX_NESTING)) this.#refuse(message);
    else if (!('id' in message)) this.#notification(message, line);
    else this.#asked(message, line);
    return true;
  }

  /** What is nested too deeply to be written again reaches nobody; a request among it is answered. */
  #refuse(message: JsonObject): void {
    const { id } = message;
    if (typeof id === 'string' || typeof id === 'number')
      this.#write({ jsonrpc: '2.0', id, ...outsideOfCalls(message) });
  }

  /** A request that could not be handed over: nothing of it is awaited any more. */
  fail(requestId: number, error: CodedError): void {
    const pending = this.#pending.get(requestId);
    this.#pending.delete(requestId);
    pending?.answer.fail(error);
    this.#tellIdle();
  }

  /** The server is gone: whatever it was asked ends with `error`. */
  close(error: CodedError): void {
    this.#closed ??= error;
    for (const { answer } of this.#pending.values()) answer.fail(error);
    this.#pending.clear();
    this.events.end(error);
    this.#tellIdle();
  }

  #response(message: JsonObject, line: Buffer): void {
    const id = numberOf(message['id']);
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    this.#pending.delete(id);
    pending.answer.response(onOneLine(line));
    this.#tellIdle();
  }

  #notification(message: JsonObject, line: Buffer): void {
    const params = message['params'];
    if (message['method'] === 'notifications/progress' && isObject(params)) {
      const pending = this.#pending.get(numberOf(params['progressToken']));
      if (pending?.token === undefined) return;
      const progress = { ...message, params: { ...params, progressToken: pending.token } };
      const text = serialized(progress);
      if (text !== undefined) pending.answer.notification(Buffer.from(text));
      return;
    }
    const pending = this.#pending.get(numberOf(subscriptionOf(params)));
    if (pending?.subscription) pending.answer.notification(onOneLine(line));
    if (pending?.subscription || this.options.shared) return;
    const only = this.#only();
    if (only && !LIST_CHANGES.test(textOf(message['method']))) only.answer.notification(onOneLine(line));
    else this.events.notification(message);
  }

  /** Over one channel nobody says which call a question belongs to, so it is asked where only one is under way. */
  #asked(message: JsonObject, line: Buffer): void {
    const only = this.#only();
    const reply = (answer: JsonObject): void => void this.#write({ jsonrpc: '2.0', id: message['id'], ...answer });
    // Nobody can say whose question it is, and another person must not see it.
    if (this.options.shared) reply(outsideOfCalls(message));
    else if (message['method'] !== 'ping' && only?.asks) only.answer.question(onOneLine(line));
    else this.events.asked(message, reply);
  }

  #only(): Pending | undefined {
    const calls = this.#calls();
    return calls.length === 1 && !this.options.shared ? calls[0] : undefined;
  }

  #calls(): Pending[] {
    return [...this.#pending.values()].filter(({ subscription }) => !subscription);
  }

  #reply(id: RequestId, answer: JsonObject): void {
    this.#write({ jsonrpc: '2.0', id, ...answer });
    for (const pending of this.#pending.values()) pending.answer.answered();
  }

  /** Modern clients name the log level in each request; a legacy server keeps one for the session. */
  #tellLogLevel({ params }: JsonRpcRequest, description: JsonObject): void {
    const level = newLogLevel(params, description, this.#logLevel);
    if (level === undefined || this.options.shared) return;
    this.#logLevel = level;
    this.#command('logging/setLevel', { level });
  }

  /** A request whose answer changes nothing here. */
  #command(method: string, params: JsonObject): void {
    this.#write({ jsonrpc: '2.0', id: (this.#lastId += 1), method, params });
  }

  #cancel(requestId: number): void {
    if (!this.#pending.delete(requestId)) return;
    this.notify('notifications/cancelled', { requestId, reason: 'The client cancelled the request.' });
    this.#tellIdle();
  }

  #tellIdle(): void {
    if (!this.busy) for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #write(message: object, requestId?: number): boolean {
    this.lastActive = Date.now();
    const text = serialized(message);
    return this.#closed === undefined && text !== undefined && this.options.write(`${text}\n`, requestId);
  }
}

/** The client's progress token is unique to the client only, and the server may have many. */
function withToken(request: JsonRpcRequest): { request: JsonRpcRequest; token: unknown } {
  const meta = request.params?.['_meta'];
  const token = isObject(meta) ? meta['progressToken'] : undefined;
  if (token === undefined || !isObject(meta)) return { request, token: undefined };
  const params = { ...request.params, _meta: { ...meta, progressToken: request.id } };
  return { request: { ...request, params }, token };
}

/** Some servers give a number back as a text; anything else is none, and an object could make `Number` throw. */
function numberOf(value: unknown): number {
  return typeof value === 'number' || typeof value === 'string' ? Number(value) : Number.NaN;
}

function subscriptionOf(params: unknown): unknown {
  const meta = isObject(params) ? params['_meta'] : undefined;
  return isObject(meta) ? meta[META.subscriptionId] : undefined;
}

/** Undefined where values are nested more deeply than can be written; `JSON.parse` has no such limit. */
function serialized(message: object): string | undefined {
  try {
    return JSON.stringify(message);
  } catch {
    return undefined;
  }
}

function notSent(detail: string): CodedError {
  return new CodedError('upstream_unreachable', { detail });
}
