import type { ExportedRecord } from './exported-record.js';

/** Where records go that leave the box. One batch is under way at a time, in the log's order, and comes again after a failure. */
export interface Sink {
  /** Of the settings, `audit.export.NAME`. */
  readonly name: string;
  /** Most records of one batch. */
  readonly most: number;
  /**
   * Resolves only when the receiver has the whole batch for good.
   * @throws SinkFailure with what an operator may read.
   */
  send(records: readonly ExportedRecord[], signal: AbortSignal): Promise<void>;
  close?(): Promise<void>;
}

interface SinkFailureOptions extends ErrorOptions {
  /** Milliseconds until the next attempt, where that is known. */
  readonly retryAfterMs?: number | undefined;
  /** A smaller batch may get through. */
  readonly isTooLarge?: boolean;
}

/** The message is fit for operators and logs: no address, no secret, nothing of a record. */
export class SinkFailure extends Error {
  readonly retryAfterMs: number | undefined;
  readonly isTooLarge: boolean;

  constructor(message: string, { retryAfterMs, isTooLarge = false, ...options }: SinkFailureOptions = {}) {
    super(message, options);
    this.name = 'SinkFailure';
    this.retryAfterMs = retryAfterMs;
    this.isTooLarge = isTooLarge;
  }
}
