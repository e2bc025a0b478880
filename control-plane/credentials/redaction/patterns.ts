import { encodingsOf } from './encodings.js';
import { joined, type Unit } from './spellings.js';

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

// One expression over a whole secret of a few thousand characters takes V8 seconds to compile and may overflow its
// stack, with the secret in the error's message. So a short head is searched for, and the rest compared in steps.
const HEAD_UNITS = 12;
const STEP_UNITS = 32;

const cache = new WeakMap<readonly string[], Patterns | undefined>();

/** Undefined where there is nothing to look for. Remembered by the identity of the list. */
export function patternsOf(secrets: readonly string[]): Patterns | undefined {
  if (!cache.has(secrets)) cache.set(secrets, build([...new Set(secrets)].filter((secret) => secret !== '')));
  return cache.get(secrets);
}

function build(secrets: readonly string[]): Patterns | undefined {
  if (secrets.length === 0) return undefined;
  const encodings = secrets.flatMap(encodingsOf);
  const heads = new Set(encodings.map((units) => joined(units.slice(0, HEAD_UNITS)).source));
  const search = new RegExp([...heads].join('|'), 'g');
  const sequences = encodings.map(stepsOf);
  const bytes = new Set(Buffer.from(secrets.join('')));
  return {
    longest: Math.max(...encodings.map((units) => joined(units).longest)),
    separates: (byte) => byte < 0x20 && !bytes.has(byte),
    find: (text, from) => find(text, from, search, sequences),
  };
}

function stepsOf(units: readonly Unit[]): RegExp[] {
  const count = Math.ceil(units.length / STEP_UNITS);
  return Array.from({ length: count }, (_, step) => {
    const { source } = joined(units.slice(step * STEP_UNITS, (step + 1) * STEP_UNITS));
    return new RegExp(source, 'y');
  });
}

function find(text: string, from: number, search: RegExp, sequences: readonly RegExp[][]): Match | undefined {
  search.lastIndex = from;
  for (let head = search.exec(text); head !== null; head = search.exec(text)) {
    const start = head.index;
    const end = Math.max(...sequences.map((steps) => endOf(text, start, steps)));
    if (end > start) return { start, end };
    search.lastIndex = start + 1;
  }
  return undefined;
}

/** Where the steps end that follow one another from `start`, or `start` where they don't. */
function endOf(text: string, start: number, steps: readonly RegExp[]): number {
  let at = start;
  for (const step of steps) {
    step.lastIndex = at;
    if (!step.test(text)) return start;
    at = step.lastIndex;
  }
  return at;
}
