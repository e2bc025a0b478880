import { EndedSessions } from './ended-sessions.js';
import type { LegacyClientSession } from './eras/legacy-session.js';
import { bytesOf, requireWithin, type SubscriptionBounds } from './subscriptions/subscription-bounds.js';

/** Sessions and bytes whose state is kept: of one sign-in, and of all together. */
const ROOM = { perSignIn: 100, sessions: 10_000, bytes: 256 * 1024 * 1024 };

/** What a legacy client asked for in its session, apart from what `initialize` agreed; its id does not hold this. */
export interface ClientSessionState {
  logLevel: string | undefined;
  /** URIs to which it subscribed, by server. */
  readonly subscriptions: Map<string, Set<string>>;
  /** Its open stream. */
  stream: { readonly changed: (server: string) => void; readonly end: () => void } | undefined;
}

interface SignIn {
  readonly sessions: Map<string, ClientSessionState>;
  bytes: number;
}

type Named = Pick<LegacyClientSession, 'signIn' | 'sid'>;

/**
 * State of legacy clients' sessions in this process. What was used least recently and has no open stream is forgotten
 * first: of the sign-in that took too much, so that it costs nobody else, then of all.
 */
export class ClientSessions {
  readonly #signIns = new Map<string, SignIn>();
  readonly #ended = new EndedSessions();
  #sessions = 0;
  #bytes = 0;

  constructor(
    private readonly bounds: SubscriptionBounds,
    private readonly room: typeof ROOM = ROOM,
  ) {}

  /** What is known of a session without making room for it. */
  peek({ signIn, sid }: Named): ClientSessionState | undefined {
    return this.#signIns.get(signIn)?.sessions.get(sid);
  }

  of(session: Named): ClientSessionState {
    return this.#use(session).state;
  }

  /** Throws `rate_limited` with the bound. */
  subscribe(session: Named, server: string, uri: string): void {
    const { signIn, state } = this.#use(session);
    const uris = state.subscriptions.get(server) ?? new Set();
    if (uris.has(uri)) return;
    requireWithin(this.bounds, uris.size + 1, signIn.bytes + bytesOf(uri));
    state.subscriptions.set(server, uris.add(uri));
    this.#count(signIn, bytesOf(uri));
    this.#makeRoom(signIn, state);
  }

  unsubscribe(session: Named, server: string, uri: string): void {
    const { signIn, state } = this.#use(session);
    const uris = state.subscriptions.get(server);
    if (!uris?.delete(uri)) return;
    if (uris.size === 0) state.subscriptions.delete(server);
    this.#count(signIn, -bytesOf(uri));
  }

  isEnded(session: LegacyClientSession): boolean {
    return this.#ended.has(session);
  }

  /** The client has ended it: its stream goes, and its id opens no more. */
  end(session: LegacyClientSession): void {
    this.#ended.add(session);
    this.peek(session)?.stream?.end();
    const signIn = this.#signIns.get(session.signIn);
    if (signIn) this.#forget(session.signIn, signIn, session.sid);
  }

  endSignIn(id: string): void {
    this.#ended.endSignIn(id);
    const signIn = this.#signIns.get(id);
    for (const sid of signIn?.sessions.keys() ?? []) this.#forget(id, signIn!, sid);
  }

  /** From here on the one that was used last. */
  #use({ signIn: id, sid }: Named): { signIn: SignIn; state: ClientSessionState } {
    const signIn = this.#signIns.get(id) ?? { sessions: new Map<string, ClientSessionState>(), bytes: 0 };
    const state = signIn.sessions.get(sid) ?? newState();
    if (!signIn.sessions.delete(sid)) this.#sessions += 1;
    signIn.sessions.set(sid, state);
    this.#signIns.delete(id);
    this.#signIns.set(id, signIn);
    this.#makeRoom(signIn, state);
    return { signIn, state };
  }

  #makeRoom(used: SignIn, kept: ClientSessionState): void {
    const { perSignIn, sessions, bytes } = this.room;
    const full = (): boolean => this.#sessions > sessions || this.#bytes > bytes;
    if (used.sessions.size <= perSignIn && !full()) return;
    for (const [id, signIn] of this.#signIns) {
      for (const [sid, state] of signIn.sessions) {
        const tooMany = full() || (signIn === used && signIn.sessions.size > perSignIn);
        if (tooMany && state !== kept && state.stream === undefined) this.#forget(id, signIn, sid);
      }
    }
  }

  #forget(id: string, signIn: SignIn, sid: string): void {
    const state = signIn.sessions.get(sid);
    if (state === undefined) return;
    signIn.sessions.delete(sid);
    this.#sessions -= 1;
    for (const uris of state.subscriptions.values()) for (const uri of uris) this.#count(signIn, -bytesOf(uri));
    if (signIn.sessions.size === 0) this.#signIns.delete(id);
  }

  #count(signIn: SignIn, bytes: number): void {
    signIn.bytes += bytes;
    this.#bytes += bytes;
  }
}

function newState(): ClientSessionState {
  return { logLevel: undefined, subscriptions: new Map(), stream: undefined };
}
