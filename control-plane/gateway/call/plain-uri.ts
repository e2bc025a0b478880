const PARTS = /^([a-z][a-z0-9+.-]*:)?(\/\/[^/?#]*)?([^?#]*)(.*)$/is;
const ESCAPED = /%[0-9a-f]{2}/gi;
const UNRESERVED = /^[\w.~-]$/;
/** What servers take for the border of a segment, once they have decoded it. */
const BORDER = /[/\\]|%2f|%5c/i;

/**
 * What a server may read where a URI is not spelled as it should be (RFC 3986 §6.2.2): without dot segments, tabs, line
 * breaks and needless escapes, its scheme in lower case. The URI itself where it is spelled well.
 */
export function plainUri(uri: string): string {
  const decoded = uri
    .replaceAll(/[\t\n\r]/g, '')
    .trim()
    .replaceAll(ESCAPED, unescapedWhereNeedless);
  const [, scheme = '', authority = '', path = '', rest = ''] = PARTS.exec(decoded) ?? [];
  return scheme.toLowerCase() + authority + withoutDots(path) + rest;
}

function unescapedWhereNeedless(escape: string): string {
  const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16));
  return UNRESERVED.test(character) ? character : escape;
}

function withoutDots(path: string): string {
  const segments = path.split(BORDER);
  if (!segments.some(isDots)) return path;
  const kept: string[] = [];
  for (const segment of segments) {
    if (segment === '..') kept.splice(Math.max(kept.length - 1, path.startsWith('/') ? 1 : 0), 1);
    else if (segment !== '.') kept.push(segment);
  }
  return [...kept, ...(isDots(segments.at(-1)) ? [''] : [])].join('/');
}

function isDots(segment: string | undefined): boolean {
  return segment === '.' || segment === '..';
}
