/** One step of a text: regular expression source over bytes (latin1), and how many bytes it takes at most. */
export interface Unit {
  readonly source: string;
  readonly longest: number;
}

/** One encoding of a text. Its units are made as they are asked for: all of them would be some thousand for a token. */
export interface Encoding {
  units(): Iterable<Unit>;
  /** Bytes at most. */
  readonly longest: number;
}

const ENTITIES: Readonly<Record<string, readonly string[]>> = {
  '&': ['&amp;', '&#38;'],
  '<': ['&lt;', '&#60;'],
  '>': ['&gt;', '&#62;'],
  '"': ['&quot;', '&#34;'],
  "'": ['&#39;', '&#x27;', '&apos;'],
};

/** Bytes of a character's JSON escape at most, for each of its UTF-16 units. */
const LONGEST_ESCAPE = 9;

const ascii = new Map<string, Unit>();

/** Raw, JSON-escaped (up to three times), percent-encoded (once or twice), form-encoded, as HTML; also mixed. */
export function spellingsOf(text: string): Encoding {
  return {
    *units() {
      for (const [step] of text.matchAll(/\\+|[^\\]/gu)) yield unitOf(step);
    },
    longest: longestSpelling(text),
  };
}

/** Every character as a JSON escape (RFC 8259 §7), in either case of the hex digits. */
export function jsonEscapesOf(text: string): Encoding {
  return {
    *units() {
      for (const character of text) yield jsonEscape(character);
    },
    longest: text.length * LONGEST_ESCAPE,
  };
}

/** Hex digits in either case. */
export function hexOf(bytes: Buffer): Encoding {
  return {
    *units() {
      for (const byte of bytes) yield { source: eitherCase(twoDigits(byte)), longest: 2 };
    },
    longest: bytes.length * 2,
  };
}

/** Most of a token is letters and digits, which have one spelling: only the others are looked at. */
function longestSpelling(text: string): number {
  let longest = text.length;
  for (const [step] of text.matchAll(/\\+|[^\\A-Za-z0-9]/gu)) longest += unitOf(step).longest - step.length;
  return longest;
}

export function optional(units: readonly Unit[]): Unit {
  const { source, longest } = joined(units);
  return { source: `(?:${source})?`, longest };
}

export function joined(units: readonly Unit[]): Unit {
  return {
    source: units.map(({ source }) => source).join(''),
    longest: units.reduce((sum, { longest }) => sum + longest, 0),
  };
}

function oneOf(units: readonly Unit[]): Unit {
  return {
    source: `(?:${units.map(({ source }) => source).join('|')})`,
    longest: Math.max(...units.map(({ longest }) => longest)),
  };
}

function unitOf(step: string): Unit {
  const known = ascii.get(step);
  if (known !== undefined) return known;
  const unit = newUnit(step);
  if (/^[ -~]$/.test(step)) ascii.set(step, unit);
  return unit;
}

function newUnit(step: string): Unit {
  if (/^[A-Za-z0-9]$/.test(step)) return { source: step, longest: 1 };
  if (step.startsWith('\\')) return backslashes(step.length);
  return oneOf([
    raw(step),
    jsonEscape(step),
    percentEncoded(step),
    ...(step === ' ' ? [literal('+')] : []),
    ...(ENTITIES[step] ?? []).map(literal),
  ]);
}

// A run is one unit: backslashes that stand for themselves and those that escape can't be told apart, and telling
// them apart by backtracking would take exponential time.
function backslashes(count: number): Unit {
  const escaped = oneOf([jsonEscape('\\'), percentEncoded('\\')]);
  return oneOf([
    { source: `${escaped.source}{${count}}`, longest: escaped.longest * count },
    { source: `\\\\{${count},${count * 8}}`, longest: count * 8 },
  ]);
}

function raw(character: string): Unit {
  const plain = literal(character);
  return /["'/]/.test(character) ? { source: `\\\\{0,7}${plain.source}`, longest: plain.longest + 7 } : plain;
}

function jsonEscape(character: string): Unit {
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at).toString(16));
  return joined(
    units.map((unit) => ({ source: `\\\\{1,4}u${eitherCase(unit.padStart(4, '0'))}`, longest: LONGEST_ESCAPE })),
  );
}

function percentEncoded(character: string): Unit {
  const bytes = Array.from(Buffer.from(character), twoDigits);
  return { source: bytes.map((byte) => `%(?:25)?${eitherCase(byte)}`).join(''), longest: bytes.length * 5 };
}

function literal(text: string): Unit {
  const bytes = Array.from(Buffer.from(text), twoDigits);
  return { source: bytes.map((byte) => `\\x${byte}`).join(''), longest: bytes.length };
}

function twoDigits(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

function eitherCase(hex: string): string {
  return hex.replaceAll(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
}
