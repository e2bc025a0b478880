import type { ExportedRecord } from './exported-record.js';

/** Where records go that leave the box. One batch is under way at a time, in the log's order, and comes again after a failure. */
export interface Sink {
  /** Of the settings, `audit.export.NAME`. */
  readonly name: string;
  /** Most records of one batch. */
  readonly most: number;
  /** Milliseconds that a record waits at most for others to fill its batch; none where absent. */
  readonly gathersMs?: number;
  /**
   * Resolves only when the receiver has the whole batch for good.
   * @throws DeliveryFailure with what an operator may read.
   */
  send(records: readonly ExportedRecord[], signal: AbortSignal): Promise<void>;
  /**
   * Whether the other side would take records, without sending one; absent where no way of asking is harmless.
   * @throws SinkFailure
   */
  readonly probe?: (signal: AbortSignal) => Promise<void>;
  close?(): Promise<void>;
}
