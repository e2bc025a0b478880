import { isIPv6 } from 'node:net';

export interface RateLimitOptions {
  /** Requests that an address may send at once. */
  readonly burst: number;
  /** Requests per second that it may send for ever. */
  readonly perSecond: number;
  /** Addresses that are remembered; the one that was silent longest is forgotten first. */
  readonly addresses: number;
}

/** A whole office may sit behind one address, and each bridge refreshes every five minutes. */
const DEFAULTS: RateLimitOptions = { burst: 300, perSecond: 50, addresses: 20_000 };

interface Bucket {
  tokens: number;
  filledAt: number;
}

/** A token bucket per client address, for endpoints that strangers can reach. */
export class RateLimit {
  readonly #buckets = new Map<string, Bucket>();

  constructor(
    private readonly options: RateLimitOptions = DEFAULTS,
    /** Milliseconds since any moment. A clock that is set back must shut nobody out. */
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** False where the address has sent too much. */
  admits(address: string): boolean {
    const key = networkOf(address);
    const bucket = this.#refilled(this.#buckets.get(key));
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    if (this.#buckets.size > this.options.addresses) this.#forgetOldest();
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }

  /** Takes back that the address sent one. */
  giveBack(address: string): void {
    const bucket = this.#buckets.get(networkOf(address));
    if (bucket) bucket.tokens = Math.min(this.options.burst, bucket.tokens + 1);
  }

  #refilled(bucket: Bucket | undefined): Bucket {
    const { burst, perSecond } = this.options;
    const filledAt = this.now();
    if (!bucket) return { tokens: burst, filledAt };
    const gained = ((filledAt - bucket.filledAt) / 1000) * perSecond;
    return { tokens: Math.min(burst, bucket.tokens + gained), filledAt };
  }

  #forgetOldest(): void {
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}

/** One subscriber holds a whole /64 of IPv6 addresses. */
function networkOf(address: string): string {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address;
  const [head = '', tail] = address.split('::');
  const left = head.split(':').filter((group) => group !== '');
  const right = (tail ?? '').split(':').filter((group) => group !== '');
  const missing = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...Array.from({ length: missing }, () => '0'), ...right];
  return groups.slice(0, 4).join(':');
}
