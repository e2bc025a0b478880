/** A moment by both clocks: the one stands still while the machine sleeps, the other may be set. */
export class Moment {
  readonly #steady = performance.now();
  readonly #wall = Date.now();

  /** Milliseconds since then, by whichever clock says more. */
  age(): number {
    return Math.max(performance.now() - this.#steady, Math.abs(Date.now() - this.#wall));
  }
}
