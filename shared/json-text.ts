/** Beside ASCII's own, which JSON escapes: readers take some of these for the end of a line, terminals for a command. */
const UNSEEN = /[\x7f-\x9f\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * JSON (RFC 8259) whose lines are the same for every reader; a parser gets the same value as from `JSON.stringify`.
 * `indent`: spaces; without it, it is one line.
 */
export function jsonText(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replaceAll(UNSEEN, escaped);
}

/** One escape for each UTF-16 unit (RFC 8259 §7). */
function escaped(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}
