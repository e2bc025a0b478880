import { setTimeout as wait } from 'node:timers/promises';
import { asCoded } from '#shared/errors.js';
import { isObject, type JsonObject, type JsonRpcRequest } from '#shared/mcp/json-rpc.js';
import type { ControlPlaneLink } from './control-plane-link.js';
import type { BridgeLog } from './log.js';
import { messagesOf, oneLine } from './reply.js';
import { postSigned } from './signed-request.js';

export const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged';

/** Before a stream that broke or was refused is opened again: doubled each time it does not last. */
const SHORTEST_PAUSE = 1_000;
const LONGEST_PAUSE = 60_000;
/** The app is not kept waiting longer for an acknowledgement. */
const PATIENCE = 5_000;

interface Parts {
  /** `subscriptions/listen` of 2026-07-28. */
  readonly request: JsonRpcRequest;
  /** The request on one line. */
  readonly text: string;
  readonly controlPlane: Pick<ControlPlaneLink, 'get'>;
  /** Runs once, before any notification: what the control plane acknowledged, undefined where it cannot be asked now. */
  readonly acknowledged: (message: JsonObject | undefined) => void;
  /** A notification of the stream, on one line. */
  readonly notify: (text: string) => Promise<void>;
  /** The stream is there again, or at last: something may have changed unheard. */
  readonly missed: () => void;
  readonly log: BridgeLog;
}

/**
 * One `subscriptions/listen` at the control plane (MCP 2026-07-28, basic/patterns/subscriptions), kept open until it is
 * closed. It never starts a sign-in.
 */
export class ChangeFeed {
  readonly #parts: Parts;
  readonly #closed = new AbortController();
  readonly #patience = setTimeout(() => this.#settle(undefined), PATIENCE).unref();
  #settled = false;
  #woken = new AbortController();

  constructor(parts: Parts) {
    this.#parts = parts;
    void this.#keepOpen();
  }

  /** Tries at once: the person has signed in. */
  wake(): void {
    this.#woken.abort();
  }

  close(): void {
    this.#closed.abort();
    this.#settle(undefined);
    this.wake();
  }

  async #keepOpen(): Promise<void> {
    let pause = SHORTEST_PAUSE;
    while (!this.#closed.signal.aborted) {
      this.#woken = new AbortController();
      const started = performance.now();
      await this.#listen();
      this.#settle(undefined);
      if (performance.now() - started >= LONGEST_PAUSE) pause = SHORTEST_PAUSE;
      await wait(pause, undefined, { signal: this.#woken.signal, ref: false }).catch(() => undefined);
      pause = Math.min(LONGEST_PAUSE, pause * 2);
    }
  }

  /** Until the stream ends. */
  async #listen(): Promise<void> {
    const { controlPlane, request, text, log } = this.#parts;
    try {
      const link = await controlPlane.get();
      const response = await postSigned(link, request, text, this.#closed.signal);
      if (response === undefined) return;
      for await (const said of messagesOf(response, link.session.origin)) {
        const message = JSON.parse(said) as unknown;
        if (!isObject(message) || typeof message['method'] !== 'string' || 'id' in message) break;
        if (message['method'] === ACKNOWLEDGED) {
          if (this.#settled) this.#parts.missed();
          else this.#settle(message);
        } else await this.#parts.notify(oneLine(said));
      }
    } catch (error) {
      if (!this.#closed.signal.aborted) log.debug('not listening to changes', { code: asCoded(error).code });
    }
  }

  #settle(acknowledgement: JsonObject | undefined): void {
    if (this.#settled) return;
    this.#settled = true;
    clearTimeout(this.#patience);
    this.#parts.acknowledged(acknowledgement);
  }
}
