const PARTS = /^([a-z][a-z0-9+.-]*:)?(\/\/[^/?#]*)?([^?#]*)(.*)$/is;
const ESCAPED = /%[0-9a-f]{2}/gi;
const UNRESERVED = /^[\w.~-]$/;
/** What servers take for the border of a segment, once they have decoded it. */
const BORDER = /[/\\]|%2f|%5c/i;
const BORDERS = /(?:[/\\]|%2f|%5c){2,}/gi;

/**
 * What servers may read where a URI is not spelled as it should be; none where it is spelled well. As a URI (RFC 3986
 * §6.2.2, RFC 8089 §2): without dot segments, tabs, line breaks and needless escapes, its scheme in lower case. And as
 * the path of a file: there an empty segment is none, so `..` goes further up, and `?` and `#` end nothing.
 */
export function otherReadings(uri: string): string[] {
  const { scheme, authority, path, rest } = partsOf(uri);
  const [whole, query] = rest.split(BORDER).some(isDots) ? [path + rest, ''] : [path, rest];
  const readings = [withoutDots(path) + rest, withoutDots(whole.replaceAll(BORDERS, '/')) + query];
  return [...new Set(readings.map((reading) => scheme + authority + reading))].filter((reading) => reading !== uri);
}

function partsOf(uri: string): Record<'scheme' | 'authority' | 'path' | 'rest', string> {
  const decoded = uri
    .replaceAll(/[\t\n\r]/g, '')
    .trim()
    .replaceAll(ESCAPED, unescapedWhereNeedless);
  const [, given = '', authority = '', path = '', rest = ''] = PARTS.exec(decoded) ?? [];
  const scheme = given.toLowerCase();
  if (scheme !== 'file:' || !/^(?:\/\/localhost)?$/i.test(authority)) return { scheme, authority, path, rest };
  return { scheme, authority: '//', path: path.startsWith('/') ? path : `/${path}`, rest };
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
