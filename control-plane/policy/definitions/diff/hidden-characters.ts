/**
 * Characters that people don't see and an AI reads: controls, formats (bidi, zero-width), tags, variation selectors, fillers, and what
 * is in no version of Unicode (UTS #39, Restriction; UAX #9).
 */
const HIDDEN =
  /(?![\n\t])[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u00a0\u2000-\u200a\u202f\u205f\u3000\u2800]/gu;

/** The same text with each of them as `⟨U+200B⟩`. */
export function visible(text: string): string {
  return text.replaceAll(HIDDEN, (character) => `⟨${named(character)}⟩`);
}

/** Those of a text, each once, as `U+200B`. */
export function hiddenIn(text: string): string[] {
  return [...new Set(text.match(HIDDEN) ?? [])].map(named);
}

function named(character: string): string {
  return `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
}
