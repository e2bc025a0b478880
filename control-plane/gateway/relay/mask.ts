/** A streaming mask over the bytes of one message; see `credentials/redaction.ts`. */
export interface Mask {
  write(chunk: Buffer): Buffer;
  end(): Buffer;
  /** Masks that were set. */
  readonly hits: number;
}

/** Makes a fresh mask for each message, so that none holds back the end of another. */
export type MaskFactory = () => Mask;
