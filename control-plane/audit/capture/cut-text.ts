/** What may be the beginning of a secret that was cut, and is not known by its form any more. */
const MAX_WORD = 256;
const IN_WORD = /[A-Za-z0-9._~+/=-]/;

export interface CutText {
  readonly text: string;
  readonly truncated: boolean;
}

/** At most so many bytes of UTF-8, with whole characters. */
export function cutText(text: string, maxBytes: number): CutText {
  const bytes = Buffer.from(text.slice(0, maxBytes));
  if (text.length <= maxBytes && bytes.length <= maxBytes) return { text: text.toWellFormed(), truncated: false };
  return { text: wholeCharacters(bytes.subarray(0, maxBytes)), truncated: true };
}

/** The text of bytes that were cut anywhere; what is no UTF-8 becomes U+FFFD. */
export function wholeCharacters(bytes: Buffer): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes, { stream: true });
}

/** Without the word at its end. */
export function withoutLastWord(text: string): string {
  let end = text.length;
  while (end > Math.max(0, text.length - MAX_WORD) && IN_WORD.test(text[end - 1]!)) end -= 1;
  return text.slice(0, end);
}
