/** The way to the server of one call: it ends with the client's request, except while it is parked between two of them. */
export class UpstreamHop {
  readonly #controller = new AbortController();
  #follows: AbortSignal | undefined;
  readonly #onAbort = (): void => this.#controller.abort(this.#follows?.reason);

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason: Error): void {
    this.#controller.abort(reason);
  }

  /** Ends with this request from now on. */
  follow(signal: AbortSignal): void {
    this.unfollow();
    this.#follows = signal;
    signal.addEventListener('abort', this.#onAbort, { once: true });
    if (signal.aborted) this.#onAbort();
  }

  unfollow(): void {
    this.#follows?.removeEventListener('abort', this.#onAbort);
    this.#follows = undefined;
  }
}
