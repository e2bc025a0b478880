import { parseTree, type Node, type ParseError } from 'jsonc-parser';
import { lineCounter, type ConfigNode } from './config-node.js';
import type { Parsed } from './parsed.js';

/** JSON, with comments and trailing commas: we look for servers, and an app that reads more than it says must hide none. */
export function parseJsonDocument(text: string): Parsed {
  const lineOf = lineCounter(text);
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: false, allowTrailingComma: true });
  const [error] = errors;
  if (error) return { fault: { reason: 'it is not valid JSON', line: lineOf(lastCharacter(text, error.offset)) } };
  if (root?.type !== 'object') return { fault: { reason: 'it does not hold a JSON object', line: 1 } };
  return { node: nodeOf(root, lineOf) };
}

/** Members and items are made when they are asked for: an app may keep megabytes of history beside its servers. */
function nodeOf(node: Node, lineOf: (offset: number) => number, line = lineOf(node.offset)): ConfigNode {
  const children = node.children ?? [];
  return {
    line,
    value: node.children ? undefined : (node.value as ConfigNode['value']),
    get items() {
      return node.type === 'array' ? children.map((child) => nodeOf(child, lineOf)) : [];
    },
    get members() {
      if (node.type !== 'object') return [];
      return children.flatMap(({ offset, children: [key, value] = [] }) =>
        key && value ? [[String(key.value), nodeOf(value, lineOf, lineOf(offset))] as const] : [],
      );
    },
  };
}

/** A text that breaks off is at fault where it ends, not on the empty lines after it. */
function lastCharacter(text: string, offset: number): number {
  return Math.min(offset, Math.max(0, text.trimEnd().length - 1));
}
