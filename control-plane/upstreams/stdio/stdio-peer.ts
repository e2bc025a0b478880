import { CodedError } from '#shared/errors.js';
import type { JsonObject, JsonRpcRequest } from '#shared/mcp/json-rpc.js';
import { isObject } from '#shared/mcp/json-rpc.js';
import { parseMessage } from '../answer-body.js';
import { PendingAnswer, type AnswerBounds } from './pending-answer.js';

export interface PeerOptions extends AnswerBounds {
  /** Hands a line to the server; false where it can't take any more. */
  readonly write: (line: string) => boolean;
  /** Requests under way at once. */
  readonly requests: number;
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
  /** The client's own progress token; the server sees the request id instead. */
  readonly token: unknown;
}

/** JSON-RPC with one server over lines (MCP, transports: stdio): many requests at once, each under an id of its own. */
export class StdioPeer {
  readonly #pending = new Map<number, Pending>();
  readonly #waiting: (() => void)[] = [];
  #lastId = 0;
  #closed: CodedError | undefined;
  /** When something was last asked or said. */
  lastActive = Date.now();

  constructor(private readonly options: PeerOptions) {}

  get busy(): boolean {
    return this.#pending.size > 0;
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    if (!this.busy) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    await promise;
  }

  /** Sends a request, once. Throws what means that nothing was sent; its answer fails with what came later. */
  send(message: JsonRpcRequest, signal: AbortSignal, bounds: AnswerBounds = this.options): SentRequest {
    signal.throwIfAborted();
    if (this.#closed) throw notSent('the server has ended');
    if (this.#pending.size >= this.options.requests) throw new CodedError('rate_limited');
    const requestId = (this.#lastId += 1);
    const { request, token } = withToken({ ...message, id: requestId });
    if (!this.#write(request)) throw notSent('the server does not read what it is sent');
    const answer = new PendingAnswer(bounds, () => this.#cancel(requestId));
    const onAbort = (): void => answer.abort(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
    this.#pending.set(requestId, { answer, token });
    return { answer, requestId };
  }

  notify(method: string, params?: JsonObject): void {
    this.#write({ jsonrpc: '2.0', method, ...(params === undefined ? {} : { params }) });
  }

  /** Takes a line of the server; false where it is no JSON-RPC message. */
  receive(line: Buffer): boolean {
    const message = parseMessage(line);
    if (message === undefined) return false;
    this.lastActive = Date.now();
    if (!('method' in message)) this.#response(message, line);
    else if (!('id' in message)) this.#notification(message, line);
    else this.#answerServer(message);
    return true;
  }

  /** The server is gone: whatever it was asked ends with `error`. */
  close(error: CodedError): void {
    this.#closed ??= error;
    for (const { answer } of this.#pending.values()) answer.fail(error);
    this.#pending.clear();
    this.#tellIdle();
  }

  #response(message: JsonObject, line: Buffer): void {
    const id = numberOf(message['id']);
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    this.#pending.delete(id);
    pending.answer.response(oneLine(line));
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
    const [only] = this.#pending.values();
    if (only && this.#pending.size === 1 && !this.options.shared) only.answer.notification(oneLine(line));
  }

  /** We claim no capability, so a server has nothing to ask but whether we live. */
  #answerServer({ id, method }: JsonObject): void {
    const answer = method === 'ping' ? { result: {} } : { error: { code: -32601, message: 'Method not found' } };
    this.#write({ jsonrpc: '2.0', id, ...answer });
  }

  #cancel(requestId: number): void {
    if (!this.#pending.delete(requestId)) return;
    this.notify('notifications/cancelled', { requestId, reason: 'The client cancelled the request.' });
    this.#tellIdle();
  }

  #tellIdle(): void {
    if (!this.busy) for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #write(message: object): boolean {
    this.lastActive = Date.now();
    const text = serialized(message);
    return this.#closed === undefined && text !== undefined && this.options.write(`${text}\n`);
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

/** Undefined where values are nested more deeply than can be written; `JSON.parse` has no such limit. */
function serialized(message: object): string | undefined {
  try {
    return JSON.stringify(message);
  } catch {
    return undefined;
  }
}

/** Between JSON tokens a carriage return may as well be a space, and a space needs no framing. */
function oneLine(line: Buffer): Buffer {
  return line.includes('\r') ? Buffer.from(line.toString('latin1').replaceAll('\r', ' '), 'latin1') : line;
}

function notSent(detail: string): CodedError {
  return new CodedError('upstream_unreachable', { detail });
}
