import { hiddenIn } from './hidden-characters.js';
import { valueDiff, type Change } from './value-diff.js';

export interface DefinitionDiff {
  readonly changes: readonly Change[];
  /** How many more there are than anybody would read; such a definition can't be accepted. */
  readonly more: number;
  /** Characters of the new definition that people don't see, as `U+200B`. */
  readonly hidden: readonly string[];
}

/** Characters of all changes together; nothing is shown in part, because the rest is where one would hide something. */
const MAX_TEXT = 250_000;

/** What is new in a definition (JSON) against the one that was accepted before; against nothing, all of it is. */
export function definitionDiff(before: string | undefined, after: string): DefinitionDiff {
  const changes = valueDiff(before === undefined ? {} : JSON.parse(before), JSON.parse(after));
  let room = MAX_TEXT;
  const shown = changes.filter(({ at, text }) => (room -= at.length + text.length) >= 0);
  return { changes: shown, more: changes.length - shown.length, hidden: hiddenIn(plainText(after)) };
}

/** JSON escapes some of what is hidden. */
function plainText(text: string): string {
  const texts: string[] = [];
  JSON.parse(text, (key, value: unknown) => {
    texts.push(key);
    if (typeof value === 'string') texts.push(value);
    return value;
  });
  return texts.join(' ');
}
