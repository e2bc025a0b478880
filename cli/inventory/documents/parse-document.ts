import type { ConfigFormat } from '../sources/place.js';
import type { ConfigNode } from './config-node.js';
import { parseJsonDocument } from './json-document.js';
import type { Parsed } from './parsed.js';
import { parseTomlDocument } from './toml-document.js';
import { parseYamlDocument } from './yaml-document.js';

/** A config that no parser reads. The reason quotes nothing of it. */
export class BrokenDocument extends Error {
  /** From 1; null where the parser does not say. */
  readonly line: number | null;

  constructor(reason: string, line: number | null) {
    super(reason);
    this.name = 'BrokenDocument';
    this.line = line;
  }
}

/** The text of a config as nodes. An empty one is an empty object. Throws BrokenDocument. */
export function parseDocument(text: string, format: ConfigFormat): ConfigNode {
  const bare = text.startsWith('\uFEFF') ? text.slice(1) : text;
  if (bare.trim() === '') return { line: 1, value: undefined, members: [], items: [] };
  try {
    const { node, fault } = parsersByFormat[format](bare);
    if (fault !== undefined) throw new BrokenDocument(fault.reason, fault.line);
    return node;
  } catch (error) {
    if (error instanceof BrokenDocument) throw error;
    // Parsers are recursive: what nests ten thousand deep ends their stack.
    if (error instanceof RangeError) throw new BrokenDocument('it is nested too deep', null);
    throw new BrokenDocument(`it is not valid ${format === 'jsonc' ? 'JSON' : format.toUpperCase()}`, null);
  }
}

const parsersByFormat: Readonly<Record<ConfigFormat, (text: string) => Parsed>> = {
  json: parseJsonDocument,
  jsonc: parseJsonDocument,
  toml: parseTomlDocument,
  yaml: parseYamlDocument,
};
