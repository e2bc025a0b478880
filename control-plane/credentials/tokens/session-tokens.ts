import type { CredentialScope } from '../credential-scope.js';
import type { IssuedToken } from '../issued-token.js';
import { TokenCache, type TokenKey } from './token-cache.js';

/** Of more sign-ins, the tokens of the one unused for longest are forgotten. */
const MAX_SESSIONS = 10_000;

/** Tokens that belong to a sign-in, and not to the person's other ones. */
export const OF_THE_SESSION = { subject: ({ session }: Pick<CredentialScope, 'session'>): string => session.id };

/** What of the sign-ins matters here. */
interface SignIns {
  /** Throws `session_ended` or `session_unconfirmed`. */
  requireLive(session: string): Promise<void>;
  onEnded(listener: (session: string) => void): void;
}

/**
 * Tokens that were made from a person's sign-in, each sign-in's by itself: with it they are forgotten at once, and what
 * comes for it later is not kept. The subject of a key is the id of the session.
 */
export class SessionTokens {
  readonly #caches = new Map<string, TokenCache>();

  constructor(private readonly sessions: SignIns) {
    sessions.onEnded((session) => this.#caches.delete(session));
  }

  /** Throws `session_ended` also where it ended while the token was asked for. */
  async token(key: TokenKey, ask: () => Promise<IssuedToken>): Promise<IssuedToken> {
    await this.sessions.requireLive(key.subject);
    const token = await this.#cacheOf(key.subject).token(key, ask);
    try {
      await this.sessions.requireLive(key.subject);
    } catch (error) {
      this.#caches.delete(key.subject);
      throw error;
    }
    return token;
  }

  forget(key: TokenKey, refused: readonly string[]): void {
    this.#caches.get(key.subject)?.forget(key, refused);
  }

  #cacheOf(session: string): TokenCache {
    const cache = this.#caches.get(session) ?? new TokenCache();
    this.#caches.delete(session);
    this.#caches.set(session, cache);
    const [oldest] = this.#caches.keys();
    if (this.#caches.size > MAX_SESSIONS && oldest !== undefined) this.#caches.delete(oldest);
    return cache;
  }
}
