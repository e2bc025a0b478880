import { asCoded, CodedError } from '#shared/errors.js';
import { BATCH_VERSION } from '#shared/mcp/batch.js';
import { negotiateLegacyVersion, type ClientEnvelope } from '#shared/mcp/eras.js';
import type { JsonObject, JsonRpcRequest } from '#shared/mcp/json-rpc.js';
import { LOG_LEVELS } from '#shared/mcp/meta.js';
import { failure, success } from './answers.js';
import type { ControlPlaneLink } from './control-plane-link.js';
import { clientOf, initializeAnswer, type ServerInfo } from './handshake.js';
import { LegacySubscriptions } from './legacy-subscriptions.js';
import type { BridgeLog } from './log.js';
import { Questions } from './questions.js';

interface Parts {
  readonly serverInfo: ServerInfo;
  readonly controlPlane: Pick<ControlPlaneLink, 'get'>;
  readonly send: (message: string) => Promise<void>;
  readonly log: BridgeLog;
}

/** An app that speaks a revision with `initialize`: what it said of itself, and what that revision keeps per session. */
export class LegacyApp {
  readonly questions: Questions;
  readonly #parts: Parts;
  readonly #subscriptions: LegacySubscriptions;
  #client: ClientEnvelope | undefined;
  #version: string | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.questions = new Questions(parts);
    this.#subscriptions = new LegacySubscriptions(parts);
  }

  /** Undefined before `initialize`. */
  get client(): ClientEnvelope | undefined {
    return this.#client;
  }

  /** It agreed on the revision that has batches. */
  get batches(): boolean {
    return this.#version === BATCH_VERSION;
  }

  /** The answer to what concerns this session alone; undefined for what the control plane answers. */
  answer({ id, method, params }: JsonRpcRequest): string | Promise<string> | undefined {
    if (method === 'initialize') {
      this.#client = clientOf(params);
      this.#version = negotiateLegacyVersion(params?.['protocolVersion']);
      return success(id, 'legacy', initializeAnswer(params, this.#parts.serverInfo));
    }
    if (method === 'ping') return success(id, 'legacy', {});
    if (this.#client === undefined) {
      const message = 'Send `initialize` first, or the protocol version in `_meta` of every request.';
      return failure(id, new CodedError('params_invalid', { message }));
    }
    const keep = this.#kept(method, params, this.#client);
    return keep?.().then(
      () => success(id, 'legacy', {}),
      (error: unknown) => failure(id, asCoded(error)),
    );
  }

  /** A request of the app was answered: from now on it hears of changes. */
  listen(): void {
    if (this.#client !== undefined) this.#subscriptions.start(this.#client);
  }

  listsChanged(): void {
    if (this.#client !== undefined) this.#subscriptions.listsChanged();
  }

  close(): void {
    this.#subscriptions.close();
  }

  /** What newer revisions say in each request. `subscriptions/listen` belongs to them alone. */
  #kept(method: string, params: JsonObject | undefined, client: ClientEnvelope): (() => Promise<void>) | undefined {
    const uri = params?.['uri'];
    switch (method) {
      case 'logging/setLevel':
        return async () => this.#setLogLevel(params?.['level'], client);
      case 'resources/subscribe':
        return async () => this.#subscriptions.subscribe(text(uri), client);
      case 'resources/unsubscribe':
        return async () => this.#subscriptions.unsubscribe(text(uri), client);
      case 'subscriptions/listen':
        return async () => Promise.reject(new CodedError('method_unknown'));
      default:
        return undefined;
    }
  }

  #setLogLevel(level: unknown, client: ClientEnvelope): void {
    const logLevel = LOG_LEVELS.find((known) => known === level);
    if (logLevel === undefined) throw new CodedError('params_invalid');
    this.#client = { ...client, logLevel };
  }
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new CodedError('params_invalid');
  return value;
}
