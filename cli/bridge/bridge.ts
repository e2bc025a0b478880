import type { Readable, Writable } from 'node:stream';
import { CodedError } from '#shared/errors.js';
import { hasEnvelope, type ClientEnvelope } from '#shared/mcp/eras.js';
import type { JsonRpcNotification, JsonRpcRequest, RequestId } from '#shared/mcp/json-rpc.js';
import type { Era } from '#shared/mcp/meta.js';
import { failure, success } from './answers.js';
import { Call } from './call.js';
import type { Forwarding } from './forwarding.js';
import { FrameSplitter, type Frame } from './frames.js';
import {
  clientOf,
  discoverAnswer,
  initializeAnswer,
  PROTOCOL_UNSUPPORTED,
  unsupportedVersion,
  unsupportedVersionData,
  type ServerInfo,
} from './handshake.js';
import { InFlight } from './in-flight.js';
import { readMessage } from './message.js';
import { Output } from './output.js';
import { LIST_CHANGES, Subscriptions } from './subscriptions.js';

/** Bytes of one message from the app. */
const MAX_LINE = 16 * 1024 * 1024;
const MAX_IN_FLIGHT = 256;
const MAX_NOTIFICATIONS = 32;

/** Of a legacy client; none of them concerns the control plane. */
const ENDS_HERE = new Set(['notifications/initialized', 'notifications/progress', 'notifications/roots/list_changed']);

/** What legacy clients may ask for that is never passed on: `subscriptions/listen` belongs to the other era. */
const NOT_FOR_LEGACY = new Set(['logging/setLevel', 'subscriptions/listen']);

interface Parts {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly serverInfo: ServerInfo;
  readonly forwarding: Forwarding;
}

/** One stdio session: reads the app's messages, answers what needs no control plane, and forwards the rest. */
export class Bridge {
  readonly #parts: Parts;
  readonly #output: Output;
  readonly #inFlight = new InFlight(MAX_IN_FLIGHT);
  readonly #subscriptions = new Subscriptions();
  /** Set by `initialize`. */
  #client: ClientEnvelope | undefined;
  #notifications = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#output = new Output(parts.stdout);
  }

  /** Reads until stdin ends or fails. */
  async read(): Promise<void> {
    const frames = new FrameSplitter(MAX_LINE);
    for await (const chunk of this.#parts.stdin) {
      for (const frame of frames.push(chunk as Buffer)) this.#receive(frame);
      await this.#output.room();
    }
  }

  /** Tells the app that what it may list has changed. */
  listsChanged(): void {
    if (this.#client !== undefined) {
      for (const method of Object.values(LIST_CHANGES)) this.#say(JSON.stringify({ jsonrpc: '2.0', method }));
    }
    for (const message of this.#subscriptions.listChanges()) this.#say(JSON.stringify(message));
  }

  /** Gives calls in flight `grace` milliseconds, cancels the rest and writes out what is left. */
  async close(grace: number): Promise<void> {
    await this.#inFlight.settled(grace);
    this.#inFlight.cancelAll();
    await this.#output.flush(grace);
  }

  #receive(frame: Frame): void {
    const read = readMessage(frame);
    if (read.kind === 'fault') this.#say(failure(read.id, read.error));
    else if (read.kind === 'request') this.#request(read.message, read.text);
    else if (read.kind === 'notification') this.#notification(read.message, read.text);
  }

  #request(request: JsonRpcRequest, text: string): void {
    const { id, method, params } = request;
    const era: Era = hasEnvelope(params) ? 'modern' : 'legacy';
    if (this.#inFlight.has(id) || this.#subscriptions.has(id)) {
      const message = 'A request with this id is still being answered.';
      this.#say(failure(null, new CodedError('request_invalid', { message })));
      return;
    }
    const local = method === 'initialize' || era === 'legacy' ? this.#legacy(request) : this.#modern(request);
    if (local !== undefined) this.#say(local);
    else if (this.#inFlight.full) this.#say(failure(id, new CodedError('rate_limited')));
    else this.#forward(request, text, era);
  }

  /** The answer to what a legacy client may ask of the bridge itself. */
  #legacy({ id, method, params }: JsonRpcRequest): string | undefined {
    if (method === 'initialize') {
      this.#client = clientOf(params);
      return success(id, 'legacy', initializeAnswer(params, this.#parts.serverInfo));
    }
    if (method === 'ping') return success(id, 'legacy', {});
    if (this.#client === undefined) {
      const message = 'Send `initialize` first, or the protocol version in `_meta` of every request.';
      return failure(id, new CodedError('params_invalid', { message }));
    }
    return NOT_FOR_LEGACY.has(method) ? failure(id, new CodedError('method_unknown')) : undefined;
  }

  /** The answer to what a modern client may ask of the bridge itself. */
  #modern({ id, method, params }: JsonRpcRequest): string | undefined {
    const unsupported = unsupportedVersion(params);
    if (unsupported !== undefined) return failure(id, PROTOCOL_UNSUPPORTED, unsupportedVersionData(unsupported));
    if (method === 'server/discover') return success(id, 'modern', discoverAnswer(this.#parts.serverInfo));
    if (method !== 'subscriptions/listen') return undefined;
    const acknowledged = this.#subscriptions.open(id, params);
    return acknowledged === undefined ? failure(id, new CodedError('params_invalid')) : JSON.stringify(acknowledged);
  }

  #forward(request: JsonRpcRequest, text: string, era: Era): void {
    const { id } = request;
    const signal = this.#inFlight.add(id);
    const onAnswer = (): void => this.#inFlight.remove(id);
    const call = new Call({ request, text, era, signal, output: this.#output, onAnswer });
    void this.#parts.forwarding.request(call, this.#client ?? { capabilities: {} });
  }

  #notification(message: JsonRpcNotification, text: string): void {
    const { method, params } = message;
    if (method === 'notifications/cancelled') this.#cancel(params?.['requestId']);
    else if (!ENDS_HERE.has(method) && this.#notifications < MAX_NOTIFICATIONS) {
      this.#notifications += 1;
      const client = hasEnvelope(params) ? undefined : this.#client;
      void this.#parts.forwarding.notification(message, text, client).finally(() => {
        this.#notifications -= 1;
      });
    }
  }

  #cancel(requestId: unknown): void {
    if (typeof requestId !== 'string' && typeof requestId !== 'number') return;
    const id: RequestId = requestId;
    if (!this.#subscriptions.cancel(id)) this.#inFlight.cancel(id);
  }

  /** Goes out at once; reading stops where the app does not read (see `Output.room`). */
  #say(message: string): void {
    void this.#output.send(message);
  }
}
