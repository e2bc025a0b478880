import { appendLines } from '../../delivery/append-lines.js';
import { documentOf, type Place } from '../place.js';

/** Appends one JSON document a line: what `mcp-sso audit verify --since` reads. */
export function filePlace(name: string, path: string): Place {
  return { name, publish: (checkpoint) => appendLines(path, `${JSON.stringify(documentOf(checkpoint))}\n`) };
}
