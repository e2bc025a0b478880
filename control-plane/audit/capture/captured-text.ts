import { cutText, withoutLastWord, type CutText } from './cut-text.js';
import { maskJson } from './mask-json.js';

/** JSON text as a record keeps it: `redacted` masks it first, and never cuts a secret so that it is none any more. */
export function capturedText(level: 'redacted' | 'full', whole: CutText, maxBytes: number): CutText {
  if (level === 'full') return whole;
  const known = whole.truncated ? withoutLastWord(whole.text) : whole.text;
  const masked = cutText(maskJson(known), maxBytes);
  return { text: masked.text, truncated: whole.truncated || masked.truncated };
}
