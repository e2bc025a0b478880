import { isObject, type JsonObject, type JsonRpcRequest, type RequestId } from '#shared/mcp/json-rpc.js';
import type { Era } from '#shared/mcp/meta.js';
import type { Output } from './output.js';

export interface CallParts {
  readonly request: JsonRpcRequest;
  /** The request as it came, one line. */
  readonly text: string;
  readonly era: Era;
  /** Aborts when the app cancels. */
  readonly signal: AbortSignal;
  readonly output: Output;
  /** Takes the answer. */
  readonly reply: (answer: string) => Promise<void>;
  /** Runs once, just before the answer goes out. */
  readonly onAnswer: () => void;
}

/** A request of the app on its way: it gets exactly one answer, or none once it is cancelled. */
export class Call {
  readonly request: JsonRpcRequest;
  readonly text: string;
  readonly era: Era;
  readonly signal: AbortSignal;
  readonly #output: Output;
  readonly #reply: CallParts['reply'];
  readonly #onAnswer: () => void;
  #answered = false;

  constructor(parts: CallParts) {
    this.request = parts.request;
    this.text = parts.text;
    this.era = parts.era;
    this.signal = parts.signal;
    this.#output = parts.output;
    this.#reply = parts.reply;
    this.#onAnswer = parts.onAnswer;
  }

  get id(): RequestId {
    return this.request.id;
  }

  get params(): JsonObject | undefined {
    return this.request.params;
  }

  /** Under which the app hears of the call's progress; undefined where it does not. */
  get progressToken(): string | number | undefined {
    const meta = this.params?.['_meta'];
    const token = isObject(meta) ? meta['progressToken'] : undefined;
    return typeof token === 'string' || typeof token === 'number' ? token : undefined;
  }

  /** Answered or cancelled: nothing more may be said to this request. */
  get over(): boolean {
    return this.#answered || this.signal.aborted;
  }

  /** Passes a notification on that belongs to this request. */
  async notify(message: string): Promise<void> {
    if (!this.over) await this.#output.send(message);
  }

  async answer(message: string): Promise<void> {
    if (this.over) return;
    this.#answered = true;
    this.#onAnswer();
    await this.#reply(message);
  }
}
