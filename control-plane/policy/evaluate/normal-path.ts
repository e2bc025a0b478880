import { posix } from 'node:path';
import { UnreadableArgument } from './unreadable-argument.js';

const FILE_URI = /^file:(?:\/\/(?:localhost)?)?(\/(?!\/)[^]*)$/i;
const SCHEME = /^[a-z][a-z0-9+.-]+:/i;
/** Control characters, blanks at the ends, a home folder, or another machine's share: read differently by each server. */
const UNCLEAR = /\p{Cc}|^\s|\s$|^~|^\\\\/u;
/** Characters that have a meaning in a path. */
const MEANINGFUL = /[./\\~%]/g;

/**
 * The one spelling of a path that policies compare: `/srv/a/../b//c/` → `/srv/b/c`, `\srv\b` → `/srv/b`,
 * `file:///srv/%62` → `/srv/b`, `./b` → `b`. One that leads out of where it starts keeps its `..`. What servers could read in more
 * than one way is refused.
 * @throws UnreadableArgument
 */
export function normalPath(text: string, name: string): string {
  const path = /^file:/i.test(text) ? pathOfUri(text, name) : text;
  if (UNCLEAR.test(path) || (SCHEME.test(path) && path.includes('://')) || hidesMeaning(path)) throw unclear(name);
  const normal = withoutEnd(posix.normalize(path.replaceAll('\\', '/')));
  // Where `\` is a letter of a name, `..` behind it goes up from elsewhere.
  if (path.includes('\\') && withoutEnd(posix.normalize(path).replaceAll('\\', '/')) !== normal) throw unclear(name);
  return normal;
}

/** RFC 8089 §2. */
function pathOfUri(text: string, name: string): string {
  const escaped = FILE_URI.exec(text)?.[1];
  if (escaped === undefined || /[?#\\]|%2f|%5c/i.test(escaped)) throw unclear(name);
  try {
    return decodeURIComponent(escaped);
  } catch {
    throw unclear(name);
  }
}

/** `．．／` becomes `../` on servers that normalise by compatibility (NFKC). */
function hidesMeaning(path: string): boolean {
  return count(path.normalize('NFKC')) !== count(path);
}

function count(path: string): number {
  return path.match(MEANINGFUL)?.length ?? 0;
}

function withoutEnd(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

function unclear(name: string): UnreadableArgument {
  return new UnreadableArgument(name, 'is not a path that every server reads alike');
}
