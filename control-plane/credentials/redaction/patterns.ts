import { encodingsOf } from './encodings.js';
import { Sequence, upTo, type Effort } from './sequence.js';
import { joined } from './spellings.js';

/** What a set of secrets looks like in an upstream's bytes. */
export interface Patterns {
  /** Bytes of the longest match. */
  readonly longest: number;
  /** Whether a byte ends every match: a control character that no secret holds. */
  separates(byte: number): boolean;
  /**
   * Where secrets start before `until`, also inside of one another; where several start, the longest. Text is latin1. Once
   * the effort is used up, whatever begins like a secret is taken for the longest: a server that knows a secret like `aaaa…`
   * could keep the comparison busy for hours.
   */
  matches(text: string, until: number, effort: Effort): Iterable<Match>;
}

interface Match {
  readonly start: number;
  readonly end: number;
}

const HEAD_UNITS = 12;
/** Lists of secrets whose patterns are kept; of more, the one used least lately goes. */
const MAX_KEPT = 200;

const byList = new WeakMap<readonly string[], Patterns | undefined>();
const byContent = new Map<string, Patterns | undefined>();

/** Undefined where there is nothing to look for. Remembered by the list, and by what it holds: many lists hold one token. */
export function patternsOf(secrets: readonly string[]): Patterns | undefined {
  if (!byList.has(secrets)) byList.set(secrets, keptPatterns([...new Set(secrets)].filter((secret) => secret !== '')));
  return byList.get(secrets);
}

function keptPatterns(secrets: readonly string[]): Patterns | undefined {
  const key = JSON.stringify(secrets);
  const patterns = byContent.has(key) ? byContent.get(key) : build(secrets);
  byContent.delete(key);
  byContent.set(key, patterns);
  const [oldest] = byContent.keys();
  if (byContent.size > MAX_KEPT && oldest !== undefined) byContent.delete(oldest);
  return patterns;
}

function build(secrets: readonly string[]): Patterns | undefined {
  if (secrets.length === 0) return undefined;
  const encodings = secrets.flatMap(encodingsOf);
  const heads = encodings.map((encoding) => joined(upTo(HEAD_UNITS, encoding.units()[Symbol.iterator]())));
  const search = new RegExp([...new Set(heads.map(({ source }) => source))].join('|'), 'g');
  const longestHead = Math.max(...heads.map((head) => head.longest));
  const sequences = encodings.map((encoding) => new Sequence(encoding));
  const bytes = new Set(Buffer.from(secrets.join('')));
  const longest = Math.max(...encodings.map((encoding) => encoding.longest));
  return {
    longest,
    separates: (byte) => byte < 0x20 && !bytes.has(byte),
    *matches(text, until, effort) {
      const heard = text.slice(0, until + longestHead);
      for (let start = next(search, heard, 0); start < until; start = next(search, heard, start + 1)) {
        const end =
          effort.left > 0
            ? Math.max(...sequences.map((sequence) => sequence.endIn(text, start, effort)))
            : start + longest;
        if (end > start) yield { start, end };
      }
    },
  };
}

function next(search: RegExp, text: string, from: number): number {
  search.lastIndex = from;
  return search.exec(text)?.index ?? Infinity;
}
