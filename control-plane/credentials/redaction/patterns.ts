import { encodingsOf } from './encodings.js';
import { Sequence, upTo } from './sequence.js';
import { joined } from './spellings.js';

/** What a set of secrets looks like in an upstream's bytes. */
export interface Patterns {
  /** Bytes of the longest match. */
  readonly longest: number;
  /** Whether a byte ends every match: a control character that no secret holds. */
  separates(byte: number): boolean;
  /** The first place from `from` on where a secret starts; where several do, the longest. Text is latin1. */
  find(text: string, from: number): Match | undefined;
}

export interface Match {
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
  const heads = new Set(
    encodings.map((encoding) => joined(upTo(HEAD_UNITS, encoding.units()[Symbol.iterator]())).source),
  );
  const search = new RegExp([...heads].join('|'), 'g');
  const sequences = encodings.map((encoding) => new Sequence(encoding));
  const bytes = new Set(Buffer.from(secrets.join('')));
  return {
    longest: Math.max(...encodings.map(({ longest }) => longest)),
    separates: (byte) => byte < 0x20 && !bytes.has(byte),
    find: (text, from) => find(text, from, search, sequences),
  };
}

function find(text: string, from: number, search: RegExp, sequences: readonly Sequence[]): Match | undefined {
  search.lastIndex = from;
  for (let head = search.exec(text); head !== null; head = search.exec(text)) {
    const start = head.index;
    const end = Math.max(...sequences.map((sequence) => sequence.endIn(text, start)));
    if (end > start) return { start, end };
    search.lastIndex = start + 1;
  }
  return undefined;
}
