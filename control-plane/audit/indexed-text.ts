/** UTF-16 units, of at most three bytes each. */
const MAX_INDEXED = 800;

/**
 * A text as the index keeps it and search asks for it. PostgreSQL has no NUL in texts and no index entry above 2,704
 * bytes; a name that long belongs to no server or tool.
 */
export function indexedText(text: string): string {
  return text.slice(0, MAX_INDEXED).replaceAll('\0', '\ufffd').toWellFormed();
}
