import { RateLimit } from '../rate-limit/rate-limit.js';

/** Wrong codes that one address may type in ten minutes. */
const PER_ADDRESS = 10;
const PER_ADDRESS_WINDOW_S = 600;
/** Wrong codes that everyone together may type in an hour, so that many addresses guess no better than one. */
const TOGETHER = 1000;
const TOGETHER_WINDOW_S = 3600;
const ADDRESSES = 20_000;
const EVERYONE = 'everyone';

/**
 * How many codes may be typed. There are 20⁸ codes, and a wrong one belongs to no device that could be locked: so the
 * typing is limited, per address and for all addresses together. An entry is taken before the code is looked up, and
 * given back where it was no guess, so that guesses at once gain nothing.
 */
export class CodeEntryLimit {
  readonly #perAddress: RateLimit;
  readonly #together: RateLimit;

  constructor(now: () => number = () => performance.now()) {
    this.#perAddress = new RateLimit({ ...per(PER_ADDRESS, PER_ADDRESS_WINDOW_S), addresses: ADDRESSES }, now);
    this.#together = new RateLimit({ ...per(TOGETHER, TOGETHER_WINDOW_S), addresses: 1 }, now);
  }

  admits(address: string): boolean {
    return this.#perAddress.admits(address) && this.#together.admits(EVERYONE);
  }

  giveBack(address: string): void {
    this.#perAddress.giveBack(address);
    this.#together.giveBack(EVERYONE);
  }
}

function per(entries: number, seconds: number): { readonly burst: number; readonly perSecond: number } {
  return { burst: entries, perSecond: entries / seconds };
}
