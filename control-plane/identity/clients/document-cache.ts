import { RateLimit } from '../rate-limit/rate-limit.js';
import { DocumentUnavailable } from './document-fetch.js';

const MAX_KEPT = 100;
const MAX_FAILURES = 1_000;
/** Milliseconds in which what failed is not tried again. */
const FAILURE_LIFETIME = 60_000;
/** Milliseconds that a document outlives its time while nobody can be asked for a new one. */
const STALE_LIFETIME = 24 * 3_600_000;
/** Fetches from one host, whoever asks for them: nobody may use us to flood it. */
const PACE = { burst: 60, perSecond: 1, addresses: 1_000 };

interface Read<T> {
  readonly value: T;
  /** Seconds. */
  readonly maxAge: number;
}

interface Kept<T> {
  readonly value: T;
  readonly freshUntil: number;
}

interface Failure {
  readonly error: unknown;
  readonly until: number;
}

/** What was read from addresses that strangers name: each address once at a time, failures remembered, all bounded. */
export class DocumentCache<T> {
  readonly #kept = new Map<string, Kept<T>>();
  readonly #failures = new Map<string, Failure>();
  readonly #underWay = new Map<string, Promise<T>>();
  readonly #pace: RateLimit;

  constructor(
    private readonly read: (url: string) => Promise<Read<T>>,
    private readonly now: () => number = Date.now,
  ) {
    this.#pace = new RateLimit(PACE, now);
  }

  /** Throws what `read` throws, or DocumentUnavailable. */
  async get(url: string): Promise<T> {
    const now = this.now();
    const kept = this.#kept.get(url);
    if (kept && kept.freshUntil > now) return kept.value;
    const failure = this.#failures.get(url);
    if (failure && failure.until > now) return this.#fallBack(url, failure.error);
    return this.#underWay.get(url) ?? this.#askOnce(url);
  }

  /** It is no more under way only after it has been put down as such, also where it fails at once. */
  async #askOnce(url: string): Promise<T> {
    const underWay = this.#ask(url).finally(() => this.#underWay.delete(url));
    this.#underWay.set(url, underWay);
    return underWay;
  }

  /** What is kept of an address, however old; nobody is asked. */
  kept(url: string): T | undefined {
    return this.#kept.get(url)?.value;
  }

  async #ask(url: string): Promise<T> {
    try {
      if (!this.#pace.admits(new URL(url).host)) throw new DocumentUnavailable('too many fetches from its host', true);
      const { value, maxAge } = await this.read(url);
      this.#failures.delete(url);
      remember(this.#kept, url, { value, freshUntil: this.now() + maxAge * 1000 }, MAX_KEPT);
      return value;
    } catch (error) {
      remember(this.#failures, url, { error, until: this.now() + FAILURE_LIFETIME }, MAX_FAILURES);
      return this.#fallBack(url, error);
    }
  }

  #fallBack(url: string, error: unknown): T {
    const kept = this.#kept.get(url);
    const isOutage = error instanceof DocumentUnavailable && error.isOutage;
    if (!isOutage) this.#kept.delete(url);
    else if (kept && kept.freshUntil + STALE_LIFETIME > this.now()) return kept.value;
    throw error;
  }
}

/** The one that was put in first goes first. */
function remember<V>(map: Map<string, V>, key: string, value: V, most: number): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > most && oldest !== undefined) map.delete(oldest);
}
