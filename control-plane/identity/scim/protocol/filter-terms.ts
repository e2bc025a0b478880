import { ScimError } from './scim-error.js';

/** `path eq value`; the path is as it was written. */
export interface Term {
  readonly path: string;
  readonly value: string | number | boolean | null;
}

const MAX_FILTER = 2048;
const MAX_TERMS = 10;

/**
 * A filter of RFC 7644 §3.4.2.2 made of `eq` and `and`, which is all that Okta and Entra send. Throws `invalidFilter`
 * for any other.
 */
export function parseTerms(text: string): Term[] {
  if (text.length > MAX_FILTER) throw invalid('The filter is longer than 2048 characters.');
  const words = wordsOf(text);
  const terms: Term[] = [];
  for (let at = 0; ; at += 4) {
    const [path, operator, literal, and] = words.slice(at, at + 4);
    if (path === undefined || operator?.toLowerCase() !== 'eq' || literal === undefined) throw unsupported();
    terms.push({ path, value: valueOf(literal) });
    if (terms.length > MAX_TERMS) throw invalid('The filter has more than 10 comparisons.');
    if (and === undefined) return terms;
    if (and.toLowerCase() !== 'and') throw unsupported();
  }
}

/** Split at white space that is neither in a text nor in brackets. */
function wordsOf(text: string): string[] {
  const words: string[] = [];
  let [word, inText, depth] = ['', false, 0];
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (inText && character === '\\') {
      at += 1;
      word += character + text.charAt(at);
      continue;
    }
    if (character === '"') inText = !inText;
    if (!inText && character === '[') depth += 1;
    if (!inText && character === ']') depth -= 1;
    if (inText || depth > 0 || !/\s/.test(character)) {
      word += character;
    } else if (word !== '') {
      words.push(word);
      word = '';
    }
  }
  return word === '' ? words : [...words, word];
}

function valueOf(literal: string): Term['value'] {
  const known = literal.startsWith('"') ? literal : literal.toLowerCase();
  try {
    const value: unknown = JSON.parse(known);
    if (value === null || typeof value !== 'object') return value as Term['value'];
  } catch {
    // Said below, as for lists and objects.
  }
  throw invalid('A value of the filter is neither a JSON string nor a number, true, false or null.');
}

function unsupported(): ScimError {
  return invalid('Only comparisons by “eq”, joined by “and”, are supported here.');
}

function invalid(message: string): ScimError {
  return new ScimError(400, message, 'invalidFilter');
}
