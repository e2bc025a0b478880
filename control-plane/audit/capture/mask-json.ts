import { MASK, maskText } from './mask-text.js';
import { isSecretName } from './secret-name.js';

/** JSON in a text in JSON, as results of tools often are. */
const MAX_INNER = 2;
const SPACE = new Set([' ', '\t', '\n', '\r']);

/**
 * JSON text in which the values of members with secret-looking names, and what looks like a secret in any text, are
 * masked. Reads from left to right and needs neither a whole text nor a shallow one, so that nothing a client or a server
 * wrote makes it fail.
 */
export function maskJson(text: string, inner = 0): string {
  const out: string[] = [];
  let at = 0;
  while (at < text.length) {
    const quote = text.indexOf('"', at);
    if (quote < 0) break;
    const end = endOfString(text, quote);
    out.push(text.slice(at, quote));
    const colon = skipSpace(text, end);
    if (text[colon] !== ':') {
      out.push(maskString(text.slice(quote, end), inner));
      at = end;
      continue;
    }
    out.push(text.slice(quote, colon + 1));
    at = colon + 1;
    if (!isSecretName(decoded(text.slice(quote, end)) ?? text.slice(quote, end))) continue;
    out.push(`"${MASK}"`);
    at = endOfValue(text, at);
  }
  return [...out, text.slice(at)].join('');
}

/** A string as it stands, with its quotes; the last one of a text that was cut has one only. */
function maskString(literal: string, inner: number): string {
  const value = decoded(literal);
  if (value === undefined) return maskText(literal);
  const isJson = inner < MAX_INNER && /^\s{0,64}[[{]/.test(value);
  const masked = maskText(isJson ? maskJson(value, inner + 1) : value);
  if (masked === value) return literal;
  const written = JSON.stringify(masked);
  return isWhole(literal) ? written : written.slice(0, -1);
}

/** Undefined where it is no JSON string, such as one that was cut within an escape. */
function decoded(literal: string): string | undefined {
  try {
    return JSON.parse(isWhole(literal) ? literal : `${literal}"`) as string;
  } catch {
    return undefined;
  }
}

function isWhole(literal: string): boolean {
  return closingQuote(literal, 0) === literal.length - 1;
}

/** Past the closing quote, or the end of the text. */
function endOfString(text: string, quote: number): number {
  return Math.min(closingQuote(text, quote) + 1, text.length);
}

/** The text's length or more where there is none. */
function closingQuote(text: string, quote: number): number {
  let at = quote + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

/** Past the value that begins after `start`, however deep it is. */
function endOfValue(text: string, start: number): number {
  let at = skipSpace(text, start);
  let depth = 0;
  while (at < text.length) {
    const character = text[at]!;
    if (character === '"') {
      at = endOfString(text, at);
      if (depth === 0) return at;
      continue;
    }
    if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') {
      if (depth === 0) return at;
      depth -= 1;
      if (depth === 0) return at + 1;
    } else if (depth === 0 && (character === ',' || SPACE.has(character))) return at;
    at += 1;
  }
  return at;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && SPACE.has(text[at]!)) at += 1;
  return at;
}
