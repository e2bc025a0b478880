import type { Readable, Writable } from 'node:stream';
import { CodedError } from '#shared/errors.js';
import { hasEnvelope } from '#shared/mcp/eras.js';
import type { JsonRpcNotification, JsonRpcRequest, RequestId } from '#shared/mcp/json-rpc.js';
import type { Era } from '#shared/mcp/meta.js';
import { failure, success } from './answers.js';
import { BatchAnswers } from './batch-answers.js';
import { Call, type CallParts } from './call.js';
import type { ControlPlaneLink } from './control-plane-link.js';
import type { Forwarding } from './forwarding.js';
import { FrameSplitter, type Frame } from './frames.js';
import {
  discoverAnswer,
  envelopeIsWhole,
  PROTOCOL_UNSUPPORTED,
  unsupportedVersion,
  unsupportedVersionData,
  type ServerInfo,
} from './handshake.js';
import { InFlight } from './in-flight.js';
import { LegacyApp } from './legacy-app.js';
import type { BridgeLog } from './log.js';
import { readMessage, type Read } from './message.js';
import { Output } from './output.js';
import { Subscriptions } from './subscriptions.js';

/** Bytes of one message from the app. */
const MAX_LINE = 16 * 1024 * 1024;
const MAX_IN_FLIGHT = 256;
const MAX_NOTIFICATIONS = 32;

/** Of a legacy client; none of them concerns the control plane. */
const ENDS_HERE = new Set(['notifications/initialized', 'notifications/progress', 'notifications/roots/list_changed']);

interface Parts {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly serverInfo: ServerInfo;
  readonly forwarding: Forwarding;
  readonly controlPlane: Pick<ControlPlaneLink, 'get'>;
  readonly log: BridgeLog;
}

/** One stdio session: reads the app's messages, answers what needs no control plane, and forwards the rest. */
export class Bridge {
  readonly #parts: Parts;
  readonly #output: Output;
  readonly #inFlight = new InFlight(MAX_IN_FLIGHT);
  readonly #subscriptions: Subscriptions;
  readonly #legacyApp: LegacyApp;
  #notifications = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#output = new Output(parts.stdout);
    const send = (message: string): Promise<void> => this.#output.send(message);
    this.#subscriptions = new Subscriptions({ ...parts, send });
    this.#legacyApp = new LegacyApp({ ...parts, send });
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
    this.#legacyApp.listsChanged();
    this.#subscriptions.listsChanged();
  }

  /** Gives calls in flight `grace` milliseconds, cancels the rest and writes out what is left. */
  async close(grace: number): Promise<void> {
    this.#legacyApp.close();
    this.#subscriptions.close();
    await this.#inFlight.settled(grace);
    this.#inFlight.cancelAll();
    await this.#output.flush(grace);
  }

  #receive(frame: Frame): void {
    this.#take(readMessage(frame, this.#legacyApp.batches));
  }

  #take(read: Read, answers?: BatchAnswers): void {
    if (read.kind === 'fault') this.#say(failure(read.id, read.error));
    else if (read.kind === 'request') this.#request(read.message, read.text, answers);
    else if (read.kind === 'notification') this.#notification(read.message, read.text);
    else if (read.kind === 'response') this.#legacyApp.questions.answered(read.message);
    else if (read.kind === 'batch') this.#batch(read.messages);
  }

  #batch(messages: readonly Read[]): void {
    const requests = messages.filter(({ kind }) => kind === 'request');
    const answers = new BatchAnswers(requests.length, (batch) => this.#output.send(batch));
    for (const message of messages) this.#take(message, answers);
  }

  #request(request: JsonRpcRequest, text: string, answers?: BatchAnswers): void {
    const { id, params } = request;
    const reply = async (answer: string): Promise<void> => (answers ?? this.#output).send(answer);
    const era: Era = hasEnvelope(params) ? 'modern' : 'legacy';
    if (this.#inFlight.has(id) || this.#subscriptions.has(id)) {
      const message = 'A request with this id is still being answered.';
      void reply(failure(null, new CodedError('request_invalid', { message })));
      return;
    }
    if (era === 'modern' && this.#subscriptions.open(request, text)) return;
    const local = era === 'legacy' ? this.#legacyApp.answer(request) : this.#modern(request);
    if (typeof local === 'string') void reply(local);
    else if (local !== undefined) void local.then(reply);
    else if (this.#inFlight.full) void reply(failure(id, new CodedError('rate_limited')));
    else this.#forward({ request, text, era, reply }, answers);
  }

  /** The answer to what a modern client may ask of the bridge itself. */
  #modern({ id, method, params }: JsonRpcRequest): string | undefined {
    const unsupported = unsupportedVersion(params);
    if (unsupported !== undefined) return failure(id, PROTOCOL_UNSUPPORTED, unsupportedVersionData(unsupported));
    if (!envelopeIsWhole(params)) return failure(id, new CodedError('params_invalid'));
    if (method === 'initialize') return failure(id, new CodedError('method_unknown'));
    if (method === 'server/discover') return success(id, 'modern', discoverAnswer(this.#parts.serverInfo));
    return method === 'subscriptions/listen' ? failure(id, new CodedError('params_invalid')) : undefined;
  }

  #forward(parts: Pick<CallParts, 'request' | 'text' | 'era' | 'reply'>, answers?: BatchAnswers): void {
    const { era, request } = parts;
    const signal = this.#inFlight.add(request.id);
    signal.addEventListener('abort', () => void answers?.without(), { once: true });
    const onAnswer = (): void => this.#inFlight.remove(request.id);
    const call = new Call({ ...parts, signal, output: this.#output, onAnswer });
    const from = this.#legacyApp;
    void this.#parts.forwarding.request(call, from).then(() => era === 'legacy' && from.listen());
  }

  #notification(message: JsonRpcNotification, text: string): void {
    const { method, params } = message;
    if (method === 'notifications/cancelled') this.#cancel(params?.['requestId']);
    else if (!ENDS_HERE.has(method) && this.#notifications < MAX_NOTIFICATIONS) {
      this.#notifications += 1;
      const client = hasEnvelope(params) ? undefined : this.#legacyApp.client;
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
