import type { LegacyClientSession } from './eras/legacy-session.js';

const MAX_SESSIONS = 10_000;

/** What a legacy client asked for in its session, apart from what `initialize` agreed; its id does not hold this. */
export interface ClientSessionState {
  logLevel: string | undefined;
  /** The client has ended it; its id still opens. */
  ended: boolean;
  /** URIs to which it subscribed, by server. */
  readonly subscriptions: Map<string, Set<string>>;
  /** Its open stream. */
  stream: { readonly changed: (server: string) => void; readonly end: () => void } | undefined;
}

/** State of legacy clients' sessions in this process, bounded: the one that was used least recently is forgotten. */
export class ClientSessions {
  readonly #sessions = new Map<string, ClientSessionState>();

  /** What is known of a session without making room for it. */
  peek({ sid }: LegacyClientSession): ClientSessionState | undefined {
    return this.#sessions.get(sid);
  }

  of({ sid }: LegacyClientSession): ClientSessionState {
    const state = this.#sessions.get(sid) ?? {
      logLevel: undefined,
      ended: false,
      subscriptions: new Map<string, Set<string>>(),
      stream: undefined,
    };
    this.#sessions.delete(sid);
    this.#sessions.set(sid, state);
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size > MAX_SESSIONS && oldest !== undefined) this.#sessions.delete(oldest);
    return state;
  }
}
