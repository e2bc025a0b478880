import { isObject } from '#shared/mcp/json-rpc.js';

/** Shorter pieces of a longer file are ordinary words. */
const MIN_PIECE = 16;
/** The last line of a key in PEM is no word, though it may be short. */
const MIN_LAST_LINE = 8;
const PEM_END = /^-----END /;
const MIN_WHOLE = 4;
const MAX_PIECES = 200;
const MAX_LENGTH = 8192;

/**
 * What to mask of a credential file: all of it where it is one line; else each line, and in JSON each text, that is
 * long enough to be a secret, and of `NAME=value` or `name: value` also the value. At most 200 pieces.
 */
export function fileSecrets(content: string): string[] {
  const whole = content.trim();
  if (!/[\r\n]/.test(whole) && jsonTexts(whole).length === 0) {
    return whole.length < MIN_WHOLE ? [] : [whole.slice(0, MAX_LENGTH)];
  }
  const texts = jsonTexts(whole);
  const lines = (texts.length > 0 ? texts : [whole]).flatMap((text) => text.split(/\r?\n/)).map((line) => line.trim());
  const pieces = lines.flatMap((line) => [line, assigned(line)]).filter((piece) => piece.length >= MIN_PIECE);
  const lastLines = lines.filter((line, at) => line.length >= MIN_LAST_LINE && PEM_END.test(lines[at + 1] ?? ''));
  return [...new Set([...pieces, ...lastLines])].slice(0, MAX_PIECES).map((piece) => piece.slice(0, MAX_LENGTH));
}

/** The value of an assignment, as in `.env`, `.ini` and YAML files, without its quotes. */
function assigned(line: string): string {
  const sign = line.search(/=|:\s/);
  if (sign < 0) return '';
  const value = line.slice(sign + 1).trim();
  return value.replaceAll(/^["']|["']$/g, '');
}

/** Every text of a JSON object, such as the parts of a service account's key. */
function jsonTexts(text: string): string[] {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? textsIn(value) : [];
  } catch {
    return [];
  }
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
