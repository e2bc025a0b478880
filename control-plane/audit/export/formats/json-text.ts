/** Beside ASCII's own, which JSON escapes: readers take some of these for the end of a line, terminals for a command. */
const UNSEEN = /[\x7f-\x9f\p{Cf}\p{Zl}\p{Zp}]/gu;

/** JSON (RFC 8259) of one line for every reader; a parser gets the same value as from `JSON.stringify`. */
export function jsonText(value: object): string {
  return JSON.stringify(value).replaceAll(UNSEEN, escaped);
}

/** One escape for each UTF-16 unit (RFC 8259 §7). */
function escaped(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}
