import { isDeepStrictEqual } from 'node:util';
import type { Settings } from '../config/settings.js';
import { formatContent, hashContent, parseContent, type CatalogContent } from './content.js';

/** Servers, roles and policies as they were made at one time. Never changed; a call sees one from its route to its end. */
export interface Revision extends CatalogContent {
  /** Dense, from 1; 0 for a directory that was read and not stored yet. */
  readonly number: number;
  /** SHA-256 (hex) of the stored text. */
  readonly sha256: string;
}

/** @throws Error where the text is not in the form of this version. */
export function revisionOf(number: number, text: string): Revision {
  return { number, sha256: hashContent(text), ...parseContent(text) };
}

/** A directory's content before it has a number. */
export function unstored(content: CatalogContent): Revision {
  return revisionOf(0, formatContent(content));
}

/**
 * The next revision with the previous one's own objects for servers that did not change: what is kept for a server
 * (credentials, sessions, its protocol) is kept by that object, and so starts anew exactly where something changed.
 */
export function carriedOver(previous: Settings['servers'], next: Revision): Revision {
  const servers = Object.fromEntries(
    Object.entries(next.servers).map(([id, server]) => {
      const before = Object.hasOwn(previous, id) ? previous[id] : undefined;
      return [id, before !== undefined && isDeepStrictEqual(before, server) ? before : server];
    }),
  );
  return { ...next, servers };
}
