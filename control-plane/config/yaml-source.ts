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
/** Keys written twice that are named; more help nobody. */
const MAX_REPEATED = 100;

/** Parses one YAML document; never throws. */
export function readYaml(file: string, text: string): YamlSource {
  const counter = new LineCounter();
  // The library compares each key with all keys before it: a file of 1 MB would hold up everything for minutes.
  // What it only warns of it would write to stderr itself, between our own lines.
  const form = { uniqueKeys: false, prettyErrors: false, keepSourceTokens: false, logLevel: 'error' } as const;
  const document = parseDocument(text, { lineCounter: counter, ...form });
  const placeAt = (offset: number): { line: number; column: number } => {
    const { line, col } = counter.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const faults = document.errors.map((error): Fault => {
    const message = `this is not valid YAML: ${error.message}`;
    return { file, ...placeAt(error.pos[0]), key: '', message, fix: 'correct the line; indentation is made of spaces' };
  });
  for (const { offset, key } of repeatedKeys(document)) {
    faults.push({ file, ...placeAt(offset), key, message: 'this key is written twice', fix: 'keep one of the two' });
  }
  const data = plain(document);
  if ('error' in data) {
    faults.push({ file, line: 1, column: 1, key: '', message: data.error, fix: 'write values out instead of aliases' });
  }
  return {
    value: 'value' in data ? data.value : undefined,
    faults,
    readable: 'value' in data && document.errors.length === 0,
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

interface Place {
  readonly node: unknown;
  readonly step?: KeyPath[number];
  readonly above?: Place | undefined;
}

/** Keys that stand in their map for the second time, in the order of the file. */
function repeatedKeys({ contents }: Document): { readonly offset: number; readonly key: string }[] {
  const found: { offset: number; key: string }[] = [];
  const open: Place[] = [{ node: contents }];
  for (let place = open.pop(); place !== undefined && found.length < MAX_REPEATED; place = open.pop()) {
    const above = place;
    const { node } = above;
    if (isSeq(node)) for (const [step, item] of node.items.entries()) open.push({ node: item, step, above });
    if (!isMap(node)) continue;
    const seen = new Set<string>();
    for (const pair of node.items) {
      const below = { node: pair.value, step: textOfKey(pair), above };
      if (isScalar(pair.key) && seen.has(below.step)) {
        found.push({ offset: startOf(pair.key) ?? 0, key: keyText(stepsTo(below)) });
      }
      seen.add(below.step);
      open.push(below);
    }
  }
  return found.toSorted((a, b) => a.offset - b.offset).slice(0, MAX_REPEATED);
}

function stepsTo(place: Place): KeyPath {
  const steps: KeyPath[number][] = [];
  for (let at: Place | undefined = place; at?.step !== undefined; at = at.above) steps.unshift(at.step);
  return steps;
}

function textOfKey(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : '';
}

function startOf(node: unknown): number | undefined {
  return (node as Partial<Node> | null | undefined)?.range?.[0];
}
