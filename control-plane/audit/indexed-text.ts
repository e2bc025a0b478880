import { createHash } from 'node:crypto';

/** UTF-16 units, of at most three bytes each: several such texts share one index entry, of which PostgreSQL takes 2,704 bytes. */
const MAX_INDEXED = 200;
const KEPT = 150;

/**
 * A text as the index keeps it and search asks for it: PostgreSQL has no NUL in texts. Of one that is too long the
 * beginning, and a hash in place of the rest.
 */
export function indexedText(text: string): string {
  const plain = text.replaceAll('\0', '\ufffd').toWellFormed();
  if (plain.length <= MAX_INDEXED) return plain;
  const hash = createHash('sha256').update(plain).digest('base64url');
  return `${plain.slice(0, KEPT).toWellFormed()}…${hash}`;
}
