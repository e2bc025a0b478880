interface RawJson {
  rawJSON(text: string): unknown;
}
interface ReviverContext {
  readonly source?: string;
}
type Reviver = Parameters<typeof JSON.parse>[1];

/** A number that a double may not hold as it was written: many digits, or an exponent. */
const DELICATE = /\d{16}|\d[eE]|\.\d*0(?!\d)/;

/**
 * Like `JSON.parse`, but a number that would come out of `JSON.stringify` otherwise than it went in (a 64-bit id,
 * `1.0`) keeps its text. For messages that are edited and sent on.
 */
export function parseExactly(text: string): unknown {
  return DELICATE.test(text) ? JSON.parse(text, keepNumber as Reviver) : JSON.parse(text);
}

/** `JSON.rawJSON` and the reviver's context are ES2026; the type library does not know them yet. */
function keepNumber(_key: string, value: unknown, { source }: ReviverContext): unknown {
  if (typeof value !== 'number' || source === undefined || source === String(value)) return value;
  return (JSON as unknown as RawJson).rawJSON(source);
}
