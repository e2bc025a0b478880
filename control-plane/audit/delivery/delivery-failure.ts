interface DeliveryFailureOptions extends ErrorOptions {
  /** Milliseconds until the next attempt, where that is known. */
  readonly retryAfterMs?: number | undefined;
  /** A smaller batch may get through. */
  readonly isTooLarge?: boolean;
}

/** The message is fit for operators and logs: no address, no secret, nothing of a record. */
export class DeliveryFailure extends Error {
  readonly retryAfterMs: number | undefined;
  readonly isTooLarge: boolean;

  constructor(message: string, { retryAfterMs, isTooLarge = false, ...options }: DeliveryFailureOptions = {}) {
    super(message, options);
    this.name = 'DeliveryFailure';
    this.retryAfterMs = retryAfterMs;
    this.isTooLarge = isTooLarge;
  }
}
