import { setTimeout as delay } from 'node:timers/promises';
import { asCoded, CodedError, type ErrorCode } from '#shared/errors.js';
import { offers } from '#shared/mcp/client-capabilities.js';
import { isObject, type JsonObject, type JsonRpcRequest } from '#shared/mcp/json-rpc.js';
import { AWAITED, META, type AwaitedKind } from '#shared/mcp/meta.js';
import type { Call } from './call.js';
import { again, forApp } from './input-rounds.js';
import type { Questions } from './questions.js';

/** Milliseconds. */
export interface HeldPatience {
  /** From the call on, with an app that hears nothing meanwhile. */
  readonly unheard: number;
  /** With one that asked for progress and has not given up on such a call before. */
  readonly heard: number;
  /** For which the control plane holds one request; none is sent that would outlast the patience. */
  readonly round: number;
  /** Between two requests, where one came back at once. */
  readonly pause: number;
}

/** Both MCP SDKs give up on a call after 60 s, by default whatever progress they hear of. */
export const HELD_PATIENCE: HeldPatience = { unheard: 45_000, heard: 600_000, round: 20_000, pause: 1_000 };

/** With what a request ends that broke off, or could not leave for a while. */
const BROKEN = new Set<ErrorCode>(['outcome_unknown', 'network']);

/** In the last request: it waits for nothing any more. */
const CANCELLED = Object.fromEntries(AWAITED.map((kind) => [kind, { action: 'cancel' }]));

/** For what the call waits, and how the control plane said so. */
interface Waits {
  readonly kind: AwaitedKind;
  readonly asked: JsonObject;
}

interface Parts {
  readonly call: Call;
  readonly questions: Questions;
  readonly capabilities: JsonObject;
  /** `unheard` alone counts for an app that hears nothing. */
  readonly patience: HeldPatience;
}

/**
 * A legacy app's call that waits, for somebody's approval or its person's own connection: the same request comes back to the control plane, which holds
 * it, until it is decided or the app is about to give up. Nothing that the app answers decides anything.
 */
export class HeldWait implements Disposable {
  readonly #parts: Parts;
  readonly #started = performance.now();
  readonly #over = new AbortController();
  #waits: Waits | undefined;
  #isLast = false;
  readonly #prompted = new Set<AwaitedKind>();
  #declined = false;
  #broke = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The app gave up, or its person did, while the call was held. */
  get abandoned(): boolean {
    return this.#waits !== undefined && this.#parts.call.signal.aborted;
  }

  /** The request that goes out waits, and may be sent again whatever becomes of it: an approval lets one call through, a connection any. */
  get held(): boolean {
    return this.#waits?.kind === 'approval' && !this.#isLast;
  }

  /** One that waited broke off: the call may have been made with it. */
  get broke(): boolean {
    return this.#broke;
  }

  /**
   * The request to send next, where `asked` says that the call waits. The last one asks not to wait any more, and is
   * answered with what the person can do.
   */
  async next(request: JsonRpcRequest, asked: JsonObject): Promise<JsonRpcRequest | undefined> {
    const { call, patience } = this.#parts;
    const cameBack = this.#waits !== undefined;
    const kind = awaitedKind(asked);
    this.#waits = kind && { kind, asked };
    if (kind === undefined) return undefined;
    if (this.#isLast) throw new CodedError('upstream_invalid');
    this.#prompt(kind, asked);
    if (cameBack) await delay(patience.pause, undefined, { signal: call.signal, ref: false });
    this.#isLast = this.#declined || this.#elapsed() + patience.round > this.#total();
    const answers = this.#isLast ? CANCELLED : {};
    return again(request, answers, asked['requestState']);
  }

  /** What a request that could not be held was to wait for, since the call waits for it still. Throws every other error. */
  stillWaits(error: unknown): JsonObject {
    const { code } = asCoded(error);
    if (this.#waits === undefined || !this.held || !BROKEN.has(code)) throw error;
    this.#broke ||= code === 'outcome_unknown';
    return this.#waits.asked;
  }

  [Symbol.dispose](): void {
    this.#over.abort();
  }

  #elapsed(): number {
    return performance.now() - this.#started;
  }

  #total(): number {
    const { call, patience } = this.#parts;
    return call.progressToken === undefined ? patience.unheard : patience.heard;
  }

  /** Once, and nobody waits for what is answered: it may end the waiting, and nothing else. */
  #prompt(kind: AwaitedKind, asked: JsonObject): void {
    if (this.#prompted.has(kind)) return;
    this.#prompted.add(kind);
    const { call, questions, capabilities } = this.#parts;
    const prompt = isObject(asked['inputRequests']) ? asked['inputRequests'][kind] : undefined;
    if (!isObject(prompt) || typeof prompt['method'] !== 'string' || !offers(capabilities, prompt)) return;
    const params = forApp(isObject(prompt['params']) ? prompt['params'] : {});
    const signal = AbortSignal.any([call.signal, this.#over.signal]);
    questions.ask(prompt['method'], params, signal).then(
      ({ action }) => (this.#declined = action === 'decline' || action === 'cancel'),
      () => undefined,
    );
  }
}

function awaitedKind({ _meta: meta, requestState }: JsonObject): AwaitedKind | undefined {
  if (typeof requestState !== 'string' || !isObject(meta)) return undefined;
  return AWAITED.find((kind) => isObject(meta[META[kind]]));
}
