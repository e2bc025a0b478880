import type { CodedError } from '#shared/errors.js';
import type { JsonObject } from '#shared/mcp/json-rpc.js';
import { lets, type Listener, type Listening } from './listening.js';

/** The answer to a request that the client does not serve. */
export const METHOD_NOT_FOUND: JsonObject = { error: { code: -32601, message: 'Method not found' } };

/** How a legacy server is brought to say what listeners want to hear. */
export interface EventSource {
  /** The first listener has come. */
  start(): void;
  /** The last one has gone. */
  stop(): void;
  /** `resources/subscribe` or `resources/unsubscribe`, without waiting for the answer. */
  request(method: 'resources/subscribe' | 'resources/unsubscribe', uri: string): void;
}

/** `ping` is for us, whoever is asked. */
export function outsideOfCalls({ method }: JsonObject): JsonObject {
  return method === 'ping' ? { result: {} } : METHOD_NOT_FOUND;
}

/** What a legacy server says outside of calls, in one session, and who of the session's client listens. */
export class SessionEvents {
  readonly #listeners = new Set<Listener>();

  constructor(private readonly source: EventSource) {}

  /** Somebody listens, so the session is not idle. */
  get heard(): boolean {
    return this.#listeners.size > 0;
  }

  listen(listener: Listener): Listening {
    if (this.#listeners.size === 0) this.source.start();
    for (const uri of urisOf(listener)) if (!this.#wanted(uri)) this.source.request('resources/subscribe', uri);
    this.#listeners.add(listener);
    return { close: () => this.#leave(listener) };
  }

  /** Takes a notification of the server. */
  notification(message: JsonObject): void {
    for (const listener of this.#listeners) if (lets(listener.filter, message)) listener.notification(message);
  }

  /** Takes a request of the server to whoever listens and can be asked; otherwise it is refused. */
  asked(message: JsonObject, reply: (answer: JsonObject) => void): void {
    const listener = [...this.#listeners].find(({ asked }) => asked !== undefined);
    if (message['method'] === 'ping' || listener?.asked === undefined) reply(outsideOfCalls(message));
    else listener.asked(message, reply);
  }

  /** Nothing more will be heard: listeners may listen anew elsewhere. */
  end(error: CodedError): void {
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    if (listeners.length > 0) this.source.stop();
    for (const listener of listeners) listener.ended(error);
  }

  #leave(listener: Listener): void {
    if (!this.#listeners.delete(listener)) return;
    for (const uri of urisOf(listener)) if (!this.#wanted(uri)) this.source.request('resources/unsubscribe', uri);
    if (this.#listeners.size === 0) this.source.stop();
  }

  #wanted(uri: string): boolean {
    return [...this.#listeners].some((listener) => urisOf(listener).includes(uri));
  }
}

function urisOf({ filter }: Listener): readonly string[] {
  return filter.resourceSubscriptions ?? [];
}
