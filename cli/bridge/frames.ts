import { isUtf8 } from 'node:buffer';

/** One line of stdin, or the reason why it can't be used. */
export type Frame =
  | { readonly kind: 'line'; readonly text: string }
  | { readonly kind: 'too_long' }
  | { readonly kind: 'not_utf8' };

const NEWLINE = 0x0a;

/**
 * Cuts a byte stream into lines (MCP, basic/transports/stdio). A line over `limit` bytes is dropped while it arrives,
 * so memory stays bounded; a last line without its newline is no message.
 */
export class FrameSplitter {
  readonly #limit: number;
  #pieces: Buffer[] = [];
  #length = 0;
  #dropping = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  push(chunk: Buffer): Frame[] {
    const frames: Frame[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      this.#add(chunk.subarray(start, end));
      const frame = this.#finish();
      if (frame !== undefined) frames.push(frame);
      start = end + 1;
    }
    this.#add(chunk.subarray(start));
    return frames;
  }

  #add(piece: Buffer): void {
    if (this.#dropping || piece.length === 0) return;
    this.#length += piece.length;
    if (this.#length > this.#limit) {
      this.#dropping = true;
      this.#pieces = [];
      return;
    }
    this.#pieces.push(piece);
  }

  #finish(): Frame | undefined {
    const bytes = this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces);
    const dropped = this.#dropping;
    this.#pieces = [];
    this.#length = 0;
    this.#dropping = false;
    if (dropped) return { kind: 'too_long' };
    if (!isUtf8(bytes)) return { kind: 'not_utf8' };
    const text = bytes.toString().trim();
    return text === '' ? undefined : { kind: 'line', text };
  }
}
