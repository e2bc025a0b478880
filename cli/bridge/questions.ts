import { CodedError } from '#shared/errors.js';
import { isObject, type JsonObject } from '#shared/mcp/json-rpc.js';

/** A person may think for long, but not for ever. */
const PATIENCE = 10 * 60_000;
const MAX_OPEN = 64;
/** In front of a number; no app's own ids are touched, as each side has its own. */
const ID_PREFIX = 'mcp-sso-';

interface Parts {
  readonly send: (message: string) => Promise<void>;
  /** Milliseconds that the app gets for one answer. */
  readonly patience?: number;
}

/** Requests of servers to a legacy app, and its answers. */
export class Questions {
  readonly #parts: Parts;
  readonly #open = new Map<unknown, PromiseWithResolvers<JsonObject>>();
  #last = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * The app's result. Throws CodedError: `question_unanswered` where the app answers with an error, takes too long or
   * is asked too much at once; the signal's reason where the call that asks is over.
   */
  async ask(method: string, params: JsonObject, signal: AbortSignal): Promise<JsonObject> {
    signal.throwIfAborted();
    if (this.#open.size >= MAX_OPEN) throw unanswered('too many questions are open');
    const id = `${ID_PREFIX}${(this.#last += 1)}`;
    const answer = Promise.withResolvers<JsonObject>();
    const patience = setTimeout(() => answer.reject(unanswered('no answer in time')), this.#parts.patience ?? PATIENCE);
    const over = (): void => answer.reject(signal.reason);
    signal.addEventListener('abort', over, { once: true });
    this.#open.set(id, answer);
    // It may fail while the app does not read yet, and nobody waits for it then.
    answer.promise.catch(() => undefined);
    try {
      await this.#parts.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
      return await answer.promise;
    } catch (error) {
      if (this.#open.has(id)) void this.#parts.send(cancelled(id));
      throw error;
    } finally {
      this.#open.delete(id);
      clearTimeout(patience);
      signal.removeEventListener('abort', over);
    }
  }

  /** A response of the app; one that nobody waits for is ignored. */
  answered(response: JsonObject): void {
    const open = this.#open.get(response['id']);
    this.#open.delete(response['id']);
    if (isObject(response['result'])) open?.resolve(response['result']);
    else open?.reject(unanswered(`error ${codeOf(response['error'])}`));
  }
}

function codeOf(error: unknown): string {
  const code = isObject(error) ? error['code'] : undefined;
  return typeof code === 'number' ? String(code) : 'without a code';
}

function cancelled(requestId: string): string {
  return JSON.stringify({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId } });
}

function unanswered(detail: string): CodedError {
  return new CodedError('question_unanswered', { detail });
}
