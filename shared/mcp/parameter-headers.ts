import { encodeHeaderValue, HEADERS } from './headers.js';
import { isObject, type JsonObject } from './json-rpc.js';

/** An argument of a tool that travels as a header as well (`x-mcp-header`, MCP 2026-07-28, streamable HTTP). */
export interface HeaderParameter {
  /** Names of the properties that lead to it. */
  readonly path: readonly string[];
  /** What follows `Mcp-Param-`. */
  readonly header: string;
}

export const HEADER_KEYWORD = 'x-mcp-header';
export const HEADER_TYPES: ReadonlySet<unknown> = new Set<unknown>(['string', 'integer', 'boolean']);
/** RFC 9110 §5.6.2. */
export const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const DEEPEST = 16;
/** More would not fit the limits that HTTP servers set on headers. */
const MOST = 64;

/** Those of a tool's `inputSchema`: plain values on a chain of `properties`. None where two want the same header, or too many one. */
export function headerParameters(inputSchema: unknown): readonly HeaderParameter[] {
  const found = declared(inputSchema, []);
  const names = new Set(found.map(({ header }) => header.toLowerCase()));
  return names.size === found.length && found.length <= MOST ? found : [];
}

function declared(schema: unknown, path: readonly string[]): HeaderParameter[] {
  if (!isObject(schema) || path.length > DEEPEST) return [];
  const header = path.length > 0 && HEADER_TYPES.has(schema['type']) ? schema[HEADER_KEYWORD] : undefined;
  const own = typeof header === 'string' && HEADER_NAME.test(header) ? [{ path, header }] : [];
  const properties = isObject(schema['properties']) ? Object.entries(schema['properties']) : [];
  return [...own, ...properties.flatMap(([name, property]) => declared(property, [...path, name]))];
}

/** Headers of one `tools/call` with these arguments. An argument that is absent or no plain value has none. */
export function parameterHeaders(
  parameters: readonly HeaderParameter[],
  callArguments: JsonObject,
): Record<string, string> {
  const entries = parameters.flatMap(({ path, header }) => {
    const value = headerText(valueAt(callArguments, path));
    return value === undefined ? [] : [[HEADERS.paramPrefix + header.toLowerCase(), encodeHeaderValue(value)] as const];
  });
  return Object.fromEntries(entries);
}

function valueAt(root: unknown, path: readonly string[]): unknown {
  let node = root;
  for (const name of path) node = isObject(node) && Object.hasOwn(node, name) ? node[name] : undefined;
  return node;
}

function headerText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined;
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? undefined : String(value);
}
