import { randomUUID } from 'node:crypto';
import { CodedError } from '#shared/errors.js';
import type { JsonObject } from '#shared/mcp/json-rpc.js';

/** Bounds of what waits for clients; time in milliseconds. */
export interface InputBounds {
  readonly perSession: number;
  readonly total: number;
  readonly wait: number;
}

export const INPUT_BOUNDS: InputBounds = { perSession: 16, total: 2_000, wait: 10 * 60_000 };

interface Waiting {
  readonly session: string;
  readonly answered: (message: JsonObject) => void;
}

/** Requests of servers that were put to legacy clients, by the client's session and an id of our own. */
export class ClientRequests {
  readonly #waiting = new Map<string, Waiting>();

  constructor(private readonly bounds: InputBounds = INPUT_BOUNDS) {}

  /**
   * Sends a request under a fresh id and resolves to its response. Throws `rate_limited`, `upstream_timeout` where nobody
   * answers, and the reason of `signal`.
   */
  async ask(
    session: string,
    request: JsonObject,
    send: (message: JsonObject) => void,
    signal: AbortSignal,
  ): Promise<JsonObject> {
    signal.throwIfAborted();
    const ofSession = [...this.#waiting.values()].filter((waiting) => waiting.session === session).length;
    if (ofSession >= this.bounds.perSession || this.#waiting.size >= this.bounds.total) {
      throw new CodedError('rate_limited');
    }
    const id = randomUUID();
    const { promise, resolve, reject } = Promise.withResolvers<JsonObject>();
    const onAbort = (): void => reject(signal.reason);
    const late = new CodedError('upstream_timeout', {
      message: 'The question of the MCP server was not answered in time.',
    });
    const timer = setTimeout(() => reject(late), this.bounds.wait);
    signal.addEventListener('abort', onAbort, { once: true });
    this.#waiting.set(id, { session, answered: resolve });
    try {
      send({ ...request, id });
      return await promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      this.#waiting.delete(id);
    }
  }

  /** Takes a client's response; one that nobody of this session waits for is dropped. */
  answer(session: string, response: JsonObject): void {
    const waiting = this.#waiting.get(String(response['id']));
    if (waiting?.session === session) waiting.answered(response);
  }
}
