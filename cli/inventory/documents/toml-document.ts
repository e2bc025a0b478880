import { getStaticTOMLValue, ParseError, parseTOML, type AST } from 'toml-eslint-parser';
import type { ConfigNode } from './config-node.js';
import type { Parsed } from './parsed.js';

/** TOML 1.0, what Codex reads. */
export function parseTomlDocument(text: string): Parsed {
  try {
    const program = parseTOML(text, { tomlVersion: '1.0' });
    const lines = linesByPath(program.body[0].body);
    return { node: nodeOf(getStaticTOMLValue(program), [], 1, lines) };
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    return { fault: { reason: 'it is not valid TOML', line: error.lineNumber } };
  }
}

type Lines = ReadonlyMap<string, number>;

/** Lines of tables and keys by their path. */
function linesByPath(nodes: readonly (AST.TOMLKeyValue | AST.TOMLTable)[]): Lines {
  const lines = new Map<string, number>();
  const note = (path: readonly unknown[], line: number): void => {
    const key = pathKey(path);
    if (!lines.has(key)) lines.set(key, line);
  };
  for (const node of nodes) {
    const above = node.type === 'TOMLTable' ? node.resolvedKey : [];
    if (node.type === 'TOMLTable') note(above, node.loc.start.line);
    for (const line of node.type === 'TOMLTable' ? node.body : [node]) {
      note(
        [...above, ...line.key.keys.map((key) => (key.type === 'TOMLBare' ? key.name : key.value))],
        line.loc.start.line,
      );
    }
  }
  return lines;
}

function nodeOf(value: unknown, path: readonly string[], above: number, lines: Lines): ConfigNode {
  const line = lines.get(pathKey(path)) ?? above;
  const list = Array.isArray(value) ? (value as readonly unknown[]) : [];
  const table = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
  return {
    line,
    value: scalarOf(value),
    items: list.map((item, index) => nodeOf(item, [...path, String(index)], line, lines)),
    members: table.map(([name, member]) => [name, nodeOf(member, [...path, name], line, lines)] as const),
  };
}

function scalarOf(value: unknown): ConfigNode['value'] {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : undefined;
}

function pathKey(path: readonly unknown[]): string {
  return path.map((part) => JSON.stringify(part)).join('.');
}
