import type { RequestId } from '#shared/mcp/json-rpc.js';

/** Requests that wait for their answer. The ids `1` and `"1"` are two different ones. */
export class InFlight {
  readonly #limit: number;
  readonly #calls = new Map<RequestId, AbortController>();
  #whenEmpty: (() => void) | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get full(): boolean {
    return this.#calls.size >= this.#limit;
  }

  has(id: RequestId): boolean {
    return this.#calls.has(id);
  }

  /** Aborts when the app cancels the request or the bridge ends. */
  add(id: RequestId): AbortSignal {
    const controller = new AbortController();
    this.#calls.set(id, controller);
    return controller.signal;
  }

  /** The request is answered; a cancellation that comes now is too late. */
  remove(id: RequestId): void {
    this.#calls.delete(id);
    if (this.#calls.size === 0) this.#whenEmpty?.();
  }

  cancel(id: RequestId): void {
    const controller = this.#calls.get(id);
    this.remove(id);
    controller?.abort();
  }

  cancelAll(): void {
    for (const id of this.#calls.keys()) this.cancel(id);
  }

  /** Resolves when every request is answered, at the latest after `milliseconds`. */
  async settled(milliseconds: number): Promise<void> {
    if (this.#calls.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, milliseconds);
    this.#whenEmpty = resolve;
    await promise;
    clearTimeout(timer);
  }
}
