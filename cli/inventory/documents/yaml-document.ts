import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document } from 'yaml';
import type { ConfigNode } from './config-node.js';
import type { Parsed } from './parsed.js';

/** Aliases may stand for aliases: ten of ten of ten make a file of nothing a billion nodes. */
const NODE_LIMIT = 50_000;

/** YAML 1.2, what Goose and Continue read. */
export function parseYamlDocument(text: string): Parsed {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, logLevel: 'silent', uniqueKeys: false });
  const [error] = document.errors;
  if (error) return { fault: { reason: 'it is not valid YAML', line: counter.linePos(error.pos[0]).line } };
  if (!isMap(document.contents)) return { fault: { reason: 'it does not hold a YAML mapping', line: 1 } };
  const lineOf = (offset: number): number => counter.linePos(offset).line;
  return { node: nodeOf(document.contents, 1, { document, lineOf, left: NODE_LIMIT }) };
}

interface Reading {
  readonly document: Document.Parsed;
  readonly lineOf: (offset: number) => number;
  left: number;
}

function nodeOf(found: unknown, above: number, reading: Reading): ConfigNode {
  if ((reading.left -= 1) < 0) throw new RangeError('too many nodes');
  const node = isAlias(found) ? found.resolve(reading.document) : found;
  const range = (found as { range?: readonly [number, number, number] | null } | null)?.range;
  const line = range ? reading.lineOf(range[0]) : above;
  return {
    line,
    value: isScalar(node) ? scalarOf(node.value) : undefined,
    items: isSeq(node) ? node.items.map((item) => nodeOf(item, line, reading)) : [],
    members: isMap(node) ? node.items.map(({ key, value }) => memberOf(key, value, line, reading)) : [],
  };
}

function memberOf(key: unknown, value: unknown, above: number, reading: Reading): readonly [string, ConfigNode] {
  const named = nodeOf(key, above, reading);
  return [String(named.value ?? ''), { ...nodeOf(value, named.line, reading), line: named.line }];
}

function scalarOf(value: unknown): ConfigNode['value'] {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === null
    ? value
    : undefined;
}
