const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Bytes that are looked through one by one before a native search pays. */
const NEAR = 64;

/**
 * Where the quote stands that ends the JSON text around `start`; the chunk's length where it ends in a later chunk, and
 * one more where the last byte escapes what follows. Each byte is looked at a bounded number of times, whatever a server
 * puts into its texts.
 */
export function endOfText(chunk: Buffer, start: number): number {
  let at = start;
  let quote = -1;
  while (at < chunk.length) {
    const near = Math.min(at + NEAR, chunk.length);
    while (at < near && chunk[at] !== QUOTE && chunk[at] !== BACKSLASH) at += 1;
    if (at === near) {
      if (quote < at) quote = indexFrom(chunk, QUOTE, at);
      at += indexFrom(chunk.subarray(at, quote), BACKSLASH, 0);
    }
    if (chunk[at] !== BACKSLASH) return at;
    at += 2;
  }
  return at;
}

/** The first such byte from `start` on, or the chunk's length. */
function indexFrom(chunk: Buffer, byte: number, start: number): number {
  const at = chunk.indexOf(byte, start);
  return at < 0 ? chunk.length : at;
}
