const REMOVED = '(removed)';

/** Shorter values are words of every text. */
const SHORTEST_SECRET = 6;

/** What secrets look like wherever they stand. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?/g, REMOVED],
  [/\b(Bearer|DPoP|Basic)\s+[^\s"',;]+/gi, `$1 ${REMOVED}`],
  [/\b(?:gh[pousr]_|github_pat_|glpat-|sk-|xox[a-z]-|AKIA|npm_|crm_)[\w/+%=.-]+/g, REMOVED],
  [/([a-z][a-z0-9+.-]*:\/\/)[^\s/?#"']*@/gi, '$1'],
  [/([a-z][a-z0-9+.-]*:\/\/[^\s?#"']*)[?#][^\s"']*/gi, `$1?${REMOVED}`],
  [
    /((?:token|secret|passw(?:or)?d|api[_-]?key|authorization|cookie|credential)s?["']?\s*[=:]\s*["']?)[^\s,;"']+/gi,
    `$1${REMOVED}`,
  ],
  [/[^\s@<>()"'/]+@[^\s@<>()"'/]+\.[a-z]{2,}/gi, REMOVED],
  // Long and mixed: a key, a token, a hash.
  [/(?=[\w+=-]*\d)(?=[\w+=-]*[A-Za-z])[\w+=-]{24,}/g, REMOVED],
];

export interface Private {
  /** Values that must not be shown, wherever they stand. */
  readonly secrets: readonly string[];
  readonly home: string;
  readonly user: string;
}

/** Takes out of one text what is secret or says who the person is: known values first, then whatever looks like one. */
export function scrubText(text: string, { secrets, home, user }: Private): string {
  const long = secrets.filter((secret) => secret.length >= SHORTEST_SECRET);
  const longestFirst = long.toSorted((one, other) => other.length - one.length);
  const withoutHome = home.length > 1 ? text.replaceAll(home, '~') : text;
  const known = longestFirst.reduce((all, secret) => all.replaceAll(secret, REMOVED), withoutHome);
  const shaped = PATTERNS.reduce((all, [pattern, instead]) => all.replaceAll(pattern, instead), known);
  return user === '' ? shaped : shaped.replaceAll(wholeWord(user), '(user)');
}

/** The same for every text of plain data; names of fields are ours and stay. */
export function scrub(value: unknown, secret: Private): unknown {
  if (typeof value === 'string') return scrubText(value, secret);
  if (Array.isArray(value)) return value.map((item) => scrub(item, secret));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, scrub(item, secret)]));
}

function wholeWord(text: string): RegExp {
  return new RegExp(`(?<![\\w.-])${text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}(?![\\w.-])`, 'gi');
}
