interface RawJson {
  rawJSON(text: string): unknown;
  isRawJSON(value: unknown): boolean;
}
interface ReviverContext {
  readonly source?: string;
}
type ExactReviver = (this: unknown, key: string, value: unknown, context: ReviverContext) => unknown;

/**
 * A number that a double may not hold as it was written: many digits, an exponent, or trailing zeros. What follows a
 * number tells it from the texts that every message has, such as `"2.0"`.
 */
const DELICATE = /\d{16}|\d[eE][+-]?\d|\.\d*0(?=[\s,}\]]|$)/;

/**
 * Like `JSON.parse`, but a number that would come out of `JSON.stringify` otherwise than it went in (a 64-bit id,
 * `1.0`) keeps its text. For messages that are edited and sent on.
 */
export function parseExactly(text: string): unknown {
  if (!DELICATE.test(text)) return JSON.parse(text);
  return JSON.parse(text, keepSource as Parameters<typeof JSON.parse>[1]);
}

const keepSource: ExactReviver = (_key, value, { source }) =>
  typeof value === 'number' && source !== undefined && source !== String(value) ? rawNumber(source) : value;

/** A number of a parsed message as it will be written again; undefined for what is no number. */
export function numberText(value: unknown): string | undefined {
  const raw = (JSON as unknown as RawJson).isRawJSON(value);
  return raw || (typeof value === 'number' && Number.isFinite(value)) ? JSON.stringify(value) : undefined;
}

/** TC39 `JSON.rawJSON` (ES2026), which the type library does not know yet. */
function rawNumber(source: string): unknown {
  return (JSON as unknown as RawJson).rawJSON(source);
}
