import { CodedError } from '#shared/errors.js';
import type { JsonObject } from '#shared/mcp/json-rpc.js';

/** Characters. Nobody can approve what they cannot read to the end. */
const MAX_SHOWN = 65_536;

/** What shows nothing, or changes what stands beside it: controls, formats, spaces but the plain one, fillers, variation selectors, and our own brackets. */
const HIDDEN = /\p{C}|\p{Zl}|\p{Zp}|\p{Default_Ignorable_Code_Point}|(?! )\p{Zs}|[\u2800\u27e8\u27e9]/gu;

/** One line in which every hidden character shows as `⟨U+202E⟩`. */
export function visibleText(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(HIDDEN, (character) => `⟨U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}⟩`);
}

/** The parameters of a call for whoever approves it: indented JSON, nothing hidden. Throws `policy_denied` where it is too long to be read. */
export function shownArguments(params: JsonObject): string {
  const lines = (JSON.stringify(params, null, 2) ?? '').split('\n').map(visibleText).join('\n');
  if (lines.length <= MAX_SHOWN) return lines;
  throw new CodedError('policy_denied', {
    message: `Company policy wants somebody to approve this call, and its arguments are too long to be read (more than ${MAX_SHOWN} characters). Make several smaller calls.`,
  });
}
