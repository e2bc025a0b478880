import { secretKind } from './secret-text.js';

/** What stands for a text that is withheld. */
export const WITHHELD = '(withheld)';
const LONGEST = 200;

/** A name as the config gives it, unless it may itself be a secret. */
export function shownName(name: string): string {
  return secretKind({ value: name }) === undefined ? shorten(name) : WITHHELD;
}

/** Names of variables or headers, each once. */
export function shownNames(names: readonly string[]): string[] {
  return [...new Set(names.map(shownName))].slice(0, 100);
}

export function shorten(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}
