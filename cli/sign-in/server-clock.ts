/** The control plane's clock, learnt from its Date headers: proofs are dated by it, whatever this computer's clock says. */
export class ServerClock {
  readonly #now: () => Date;
  #offset = 0;

  constructor(now: () => Date) {
    this.#now = now;
  }

  /** Milliseconds by which the server is ahead. */
  get offset(): number {
    return this.#offset;
  }

  /** Seconds since 1970. */
  seconds(): number {
    return Math.floor((this.#now().getTime() + this.#offset) / 1000);
  }

  /** Adopts the time of a reply; says whether that moved the clock by more than `tolerance` ms. */
  learn(serverDate: string | undefined, tolerance = 2_000): boolean {
    const time = serverDate === undefined ? Number.NaN : Date.parse(serverDate);
    if (Number.isNaN(time)) return false;
    const offset = time - this.#now().getTime();
    // The header counts whole seconds, so smaller differences are noise.
    if (Math.abs(offset - this.#offset) <= tolerance) return false;
    this.#offset = offset;
    return true;
  }
}
