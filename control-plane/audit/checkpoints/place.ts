/** A checkpoint that leaves the box. */
export interface PublishedCheckpoint {
  /** Epoch milliseconds. */
  readonly madeAt: number;
  /** Number of records that it covers. */
  readonly size: number;
  /** C2SP signed note. */
  readonly note: string;
  /** C2SP verifier key of the note. */
  readonly verifierKey: string;
}

/** Where checkpoints go that leave the box, in order; one comes again after a failure. */
export interface Place {
  /** Of the settings, `audit.checkpoints.to.NAME`. */
  readonly name: string;
  /**
   * Resolves only when the other side has it for good.
   * @throws DeliveryFailure with what an operator may read.
   */
  publish(checkpoint: PublishedCheckpoint, signal: AbortSignal): Promise<void>;
}

/** What of it is written, wherever it goes. `time`: RFC 3339, UTC. */
export function documentOf({ madeAt, size, note, verifierKey }: PublishedCheckpoint): object {
  return { time: new Date(madeAt).toISOString(), size, checkpoint: note, verifierKey };
}
