import type { Fault, PolicyFile } from '../../config/settings.js';

const COMMENT_OR_STRING = /\/\/[^\n\r]*|"(?:[^"\\]|\\[^])*"/g;

/** The text with every comment blanked; all positions stay where they were. */
export function withoutComments(text: string): string {
  return text.replaceAll(COMMENT_OR_STRING, (found) => (found.startsWith('//') ? ' '.repeat(found.length) : found));
}

/** The text with every comment and string blanked: what is left is structure. */
export function structureOf(text: string): string {
  return text.replaceAll(COMMENT_OR_STRING, (found) => ' '.repeat(found.length));
}

/** Index in the file of a policy's annotation of that name, which is a Cedar identifier. */
export function annotationPlace(policy: { readonly start: number; readonly text: string }, name: string): number {
  return policy.start + Math.max(0, structureOf(policy.text).search(new RegExp(`@\\s*${name}\\b`)));
}

/** Cedar counts UTF-8 bytes, strings count UTF-16 units. */
export function indexOfByte(text: string, byte: number): number {
  return Buffer.from(text).subarray(0, byte).toString().length;
}

/** A fault at an index of a file's text; line and column count characters from 1. */
export function faultAt(source: PolicyFile, index: number, about: Pick<Fault, 'key' | 'message' | 'fix'>): Fault {
  const lines = source.text.slice(0, index).split(/\r\n|\n|\r/);
  return { file: source.file, line: lines.length, column: Array.from(lines.at(-1) ?? '').length + 1, ...about };
}
