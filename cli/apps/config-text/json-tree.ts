import { parseTree, type Node, type ParseError } from 'jsonc-parser';
import { lineAt, unusable } from './unusable.js';

export interface JsonDialect {
  readonly file: string;
  /** Whether the app reads comments and trailing commas, as VS Code does. */
  readonly comments: boolean;
}

/** One member of an object: its name, and where it is. */
export interface Member {
  readonly name: string;
  readonly node: Node;
  readonly value: Node;
}

/** The object that a config holds, with offsets. Throws CodedError config_invalid with file and line. */
export function parseConfig(text: string, { file, comments }: JsonDialect): Node {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: !comments, allowTrailingComma: comments });
  const [error] = errors;
  if (error) throw unusable(file, `line ${lineAt(text, error.offset)} is not valid JSON`);
  if (!comments && !isJson(text)) throw unusable(file, 'it is not valid JSON');
  if (root?.type !== 'object') throw unusable(file, 'it does not hold a JSON object');
  return root;
}

/** The members of an object, in order. Throws CodedError config_invalid where `wanted` is there twice: apps differ in which they read. */
export function membersOf(object: Node, wanted: string, file: string): readonly Member[] {
  const members = (object.children ?? []).map((node) => {
    const [key, value] = node.children ?? [];
    if (!key || !value) throw unusable(file, 'it is not valid JSON');
    return { name: String(key.value), node, value };
  });
  if (members.filter(({ name }) => name === wanted).length > 1) throw unusable(file, `it says "${wanted}" twice`);
  return members;
}

/** What the lenient parser lets through, the app does not. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
