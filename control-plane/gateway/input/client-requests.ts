import { randomUUID } from 'node:crypto';
import { CodedError } from '#shared/errors.js';
import { textOf, type JsonObject } from '#shared/mcp/json-rpc.js';
import { overLimit, type Limits } from '../../config/limits.js';
import { Places } from '../places.js';

/** Milliseconds that something waits for a client. */
export const INPUT_WAIT = 10 * 60_000;

type QuestionBounds = Pick<Limits, 'questionsPerClient' | 'questions'>;

interface Waiting {
  readonly session: string;
  readonly answered: (message: JsonObject) => void;
}

/** Requests of servers that were put to legacy clients, by the client's session and an id of our own. */
export class ClientRequests {
  readonly #waiting = new Map<string, Waiting>();
  readonly #clients: Places;
  readonly #all: Places;

  constructor({ questionsPerClient, questions }: QuestionBounds) {
    this.#clients = new Places(questionsPerClient, () => tooMany('questionsPerClient', questionsPerClient));
    this.#all = new Places(questions, () => tooMany('questions', questions));
  }

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
    using _place = this.#clients.take(session);
    using _any = this.#all.take('');
    const id = randomUUID();
    const { promise, resolve, reject } = Promise.withResolvers<JsonObject>();
    const onAbort = (): void => reject(signal.reason);
    const late = new CodedError('upstream_timeout', {
      message: 'The question of the MCP server was not answered in time.',
    });
    const timer = setTimeout(() => reject(late), INPUT_WAIT);
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
    const waiting = this.#waiting.get(textOf(response['id']));
    if (waiting?.session === session) waiting.answered(response);
  }
}

function tooMany(key: keyof QuestionBounds, bound: number): CodedError {
  const whose = key === 'questions' ? 'clients' : 'this client';
  const what = `${bound} questions wait for an answer of ${whose}, which is the limit`;
  return overLimit('rate_limited', key, what, 'Ask again when one was answered.');
}
