/** Notices, without asking anybody, that this machine's clock was set since a moment; or that the machine slept meanwhile, which looks the same. */
export class ClockJump {
  readonly #wall = Date.now();
  readonly #steady = performance.now();

  /** Milliseconds since then, either way, that were no passing of time. */
  size(): number {
    return Math.abs(Date.now() - this.#wall - (performance.now() - this.#steady));
  }
}
