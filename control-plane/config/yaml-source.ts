import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node, type Pair } from 'yaml';
import { errorText } from '#shared/errors.js';
import { keyText, type KeyPath } from './key-path.js';
import type { Fault } from './settings.js';

/** A YAML file as plain data, with the place of every key. */
export interface YamlSource {
  readonly value: unknown;
  /** Faults of the YAML itself; after any but a repeated key, `value` is not worth judging. */
  readonly faults: readonly Fault[];
  readonly readable: boolean;
  /** Line and column, from 1, of the key or value; of the nearest key above it where it is missing. */
  place(path: KeyPath, at: 'key' | 'value'): { line: number; column: number };
}

const ALIAS_LIMIT = 100;

/** Parses one YAML document; never throws. */
export function readYaml(file: string, text: string): YamlSource {
  const counter = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: counter,
    prettyErrors: false,
    keepSourceTokens: false,
    // It would write what it warns of to stderr itself, between our own lines.
    logLevel: 'error',
  });
  const placeAt = (offset: number): { line: number; column: number } => {
    const { line, col } = counter.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const faults = document.errors.map((error): Fault => {
    const repeated = error.code === 'DUPLICATE_KEY';
    return {
      file,
      ...placeAt(error.pos[0]),
      key: repeated ? keyAt(document.contents, error.pos[0]) : '',
      message: repeated ? 'this key is written twice' : `this is not valid YAML: ${error.message}`,
      fix: repeated ? 'keep one of the two' : 'correct the line; indentation is made of spaces',
    };
  });
  const data = plain(document);
  if ('error' in data) {
    faults.push({ file, line: 1, column: 1, key: '', message: data.error, fix: 'write values out instead of aliases' });
  }
  return {
    value: 'value' in data ? data.value : undefined,
    faults,
    readable: 'value' in data && document.errors.every((error) => error.code === 'DUPLICATE_KEY'),
    place: (path, at) => placeAt(offsetOf(document, path, at)),
  };
}

function plain(document: Document): { value: unknown } | { error: string } {
  try {
    return { value: document.toJS({ maxAliasCount: ALIAS_LIMIT }) as unknown };
  } catch (error) {
    return { error: `this YAML cannot be read: ${errorText(error)}` };
  }
}

function offsetOf(document: Document, path: KeyPath, at: 'key' | 'value'): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const [index, step] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    if (isSeq(node)) {
      node = node.items[Number(step)];
      offset = startOf(node) ?? offset;
    } else {
      const pair = isMap(node) ? node.items.find((item) => textOfKey(item) === String(step)) : undefined;
      if (!pair) return offset;
      const key = startOf(pair.key) ?? offset;
      node = pair.value;
      offset = index === path.length - 1 && at === 'value' ? (startOf(node) ?? key) : key;
    }
  }
  return offset;
}

/** The dotted path of the key that starts at an offset. */
function keyAt(node: unknown, offset: number, path: KeyPath = []): string {
  const pairs = isMap(node) ? node.items : [];
  for (const pair of pairs) {
    const here = [...path, textOfKey(pair)];
    if (startOf(pair.key) === offset) return keyText(here);
    const below = keyAt(pair.value, offset, here);
    if (below !== '') return below;
  }
  return '';
}

function textOfKey(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : '';
}

function startOf(node: unknown): number | undefined {
  return (node as Partial<Node> | null | undefined)?.range?.[0];
}
