import { assignedTexts } from './file-secrets/assigned-texts.js';
import { structuredTexts } from './file-secrets/structured-texts.js';
import type { NamedText } from './file-secrets/named-text.js';

/** Shorter texts of a file with more in it are ordinary words. */
const MIN_PIECE = 16;
/** The last line of a key in PEM is no word, though it may be short; nor is what is called a password. */
const MIN_CERTAIN = 8;
const NAME_OF_SECRET = /pass|pwd|secret|token|key|credential|auth|cookie|session/i;
const PEM_END = /^-----END /;
const MIN_WHOLE = 4;
const MAX_PIECES = 200;
/** Characters of one text that is looked for. */
const MAX_LENGTH = 8192;

/**
 * What to mask of a credential file: all of it where it is one line, and each value and each line that is long enough to be a secret, as it
 * means and as the file spells it. At most 200 texts; those whose names say that they are secrets come first.
 */
export function fileSecrets(content: string): string[] {
  const whole = content.trim();
  const structured = structuredTexts(whole);
  const isJson = structured.length > 0 && whole.startsWith('{');
  const lines = isJson ? [] : linesOf(whole);
  const values = [...structured, ...lines.flatMap(assignedTexts)].flatMap(byLine);
  const certain = values.filter(({ name, text }) => NAME_OF_SECRET.test(name) && text.length >= MIN_CERTAIN);
  const long = [...values.map(({ text }) => text), ...lines].filter((text) => text.length >= MIN_PIECE);
  const single = whole.length < MIN_WHOLE || /[\r\n]/.test(whole) ? [] : [whole];
  const pieces = [...single, ...certain.map(({ text }) => text), ...long, ...lastLines(lines)];
  return [...new Set(pieces.flatMap(parts))].slice(0, MAX_PIECES);
}

function byLine({ name, text }: NamedText): NamedText[] {
  return linesOf(text).map((line) => ({ name, text: line }));
}

function linesOf(text: string): string[] {
  return text.split(/[\r\n]+/).map((line) => line.trim());
}

function lastLines(lines: readonly string[]): string[] {
  return lines.filter((line, at) => line.length >= MIN_CERTAIN && PEM_END.test(lines[at + 1] ?? ''));
}

function parts(text: string): string[] {
  const count = Math.ceil(text.length / MAX_LENGTH);
  const length = Math.ceil(text.length / count);
  return Array.from({ length: count }, (_, at) => text.slice(at * length, (at + 1) * length));
}
