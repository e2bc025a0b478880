import type { IssuedToken } from '../issued-token.js';
import { RenewalBound } from '../renewal-bound.js';

const MAX_TOKENS = 10_000;
const MARGIN_MS = 60_000;
/** Of a short life, the part that stays unused at its end. */
const MARGIN_PART = 0.2;
/** A token of which nobody said how long it lives. */
const UNSAID_LIFE_MS = 300_000;

/** Which token: of one credential of one revision of the catalog, for whom, and with which scopes. */
export interface TokenKey {
  /** The credential as the revision has it: what changed there is asked for anew. */
  readonly credential: object;
  /** The sign-in or person that it is for; empty for the company's. */
  readonly subject: string;
  readonly scopes: readonly string[];
}

/** The tokens of one credential. */
interface Kept {
  readonly entries: Map<string, Entry>;
  readonly renewals: RenewalBound;
}

interface Entry {
  readonly asked: Promise<IssuedToken>;
  token?: IssuedToken;
  /** Epoch milliseconds; undefined while it is asked for. */
  usableUntil?: number;
}

/**
 * Tokens in memory, until shortly before they expire. Callers at the same moment share one request; a failure is not
 * remembered. At most 10,000 for a credential, of which the one unused for longest goes first.
 */
export class TokenCache {
  readonly #kept = new WeakMap<object, Kept>();

  async token(key: TokenKey, ask: () => Promise<IssuedToken>): Promise<IssuedToken> {
    const { entries } = this.#keptOf(key.credential);
    const name = nameOf(key);
    const known = entries.get(name);
    entries.delete(name);
    const entry = known !== undefined && isUsable(known) ? known : begun(ask, () => forgetIf(entries, name, entry));
    entries.set(name, entry);
    const [oldest] = entries.keys();
    if (entries.size > MAX_TOKENS && oldest !== undefined) entries.delete(oldest);
    return await entry.asked;
  }

  /**
   * Forgets a token that the server refuses. One that was asked for since stays, so that many refusals ask once; and so does
   * one that came in place of another less than a minute ago.
   */
  forget(key: TokenKey, refused: readonly string[]): void {
    const { entries, renewals } = this.#keptOf(key.credential);
    const name = nameOf(key);
    const token = entries.get(name)?.token;
    if (token === undefined || !refused.includes(token.value)) return;
    if (renewals.take(name, Date.now())) entries.delete(name);
  }

  #keptOf(credential: object): Kept {
    const known = this.#kept.get(credential);
    if (known !== undefined) return known;
    const kept = { entries: new Map<string, Entry>(), renewals: new RenewalBound() };
    this.#kept.set(credential, kept);
    return kept;
  }
}

function begun(ask: () => Promise<IssuedToken>, onFailure: () => void): Entry {
  const entry: Entry = {
    asked: ask().then(
      (token) => {
        entry.token = token;
        entry.usableUntil = usableUntil(token, Date.now());
        return token;
      },
      (error: unknown) => {
        onFailure();
        throw error;
      },
    ),
  };
  return entry;
}

function forgetIf(entries: Map<string, Entry>, name: string, entry: Entry): void {
  if (entries.get(name) === entry) entries.delete(name);
}

function isUsable({ usableUntil: until }: Entry): boolean {
  return until === undefined || Date.now() < until;
}

function usableUntil({ expiresAt }: IssuedToken, now: number): number {
  const life = expiresAt === undefined ? UNSAID_LIFE_MS : expiresAt - now;
  return now + life - Math.min(MARGIN_MS, life * MARGIN_PART);
}

function nameOf({ subject, scopes }: TokenKey): string {
  return JSON.stringify([subject, ...new Set(scopes.toSorted())]);
}
