import type { Fault, PolicyFile } from '../../config/settings.js';
import { faultAt, structureOf } from './source-text.js';

// Cedar's parser recurses, and a stack overflow inside WebAssembly breaks the engine for the rest of the process:
// every later decision would fail. Measured with 4.13.0: 200 brackets or 500 operators are too many.
const MAX_NESTING = 48;
const MAX_OPERATORS = 100;
const MAX_LENGTH = 262_144;
const TOKEN = /[([{]|[)\]}]|;|&&|\|\||[.+*!-]|\bif\b/g;

/** The fault of a file that would overflow the engine, looked for before the engine sees the text. */
export function limitFault(source: PolicyFile): Fault | undefined {
  if (source.text.length > MAX_LENGTH) {
    return faultAt(source, 0, {
      key: '',
      message: `longer than ${MAX_LENGTH} characters`,
      fix: 'split it into several files',
    });
  }
  const at = overflowAt(structureOf(source.text));
  if (at === undefined) return undefined;
  return faultAt(source, at, {
    key: '',
    message: `a policy nests more than ${MAX_NESTING} brackets or joins more than ${MAX_OPERATORS} operators`,
    fix: 'split it into several policies',
  });
}

function overflowAt(structure: string): number | undefined {
  let depth = 0;
  let operators = 0;
  for (const { 0: token, index } of structure.matchAll(TOKEN)) {
    if (token === ';') operators = 0;
    else if ('([{'.includes(token)) depth += 1;
    else if (')]}'.includes(token)) depth -= 1;
    else operators += 1;
    if (depth > MAX_NESTING || operators > MAX_OPERATORS) return index;
  }
  return undefined;
}
