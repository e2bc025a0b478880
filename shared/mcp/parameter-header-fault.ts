import { isObject } from './json-rpc.js';
import { HEADER_KEYWORD, HEADER_NAME, HEADER_TYPES } from './parameter-headers.js';

/** JSON Schema 2020-12: keywords that hold one schema or a list of them, and those that hold schemas by name. */
const SCHEMAS = new Set([
  'items',
  'prefixItems',
  'contains',
  'additionalProperties',
  'unevaluatedProperties',
  'unevaluatedItems',
  'propertyNames',
  'oneOf',
  'anyOf',
  'allOf',
  'not',
  'if',
  'then',
  'else',
]);
const NAMED_SCHEMAS = new Set(['properties', 'patternProperties', 'dependentSchemas', '$defs', 'definitions']);
const DEEPEST = 64;

/**
 * Why a tool's `x-mcp-header` makes its definition invalid (MCP 2026-07-28, streamable HTTP, Schema Extension): clients
 * must leave it out of the list. Undefined where nothing is wrong.
 */
export function parameterHeaderFault(inputSchema: unknown): string | undefined {
  return faultIn(inputSchema, { path: [], reachable: false, names: new Set() });
}

interface Place {
  readonly path: readonly string[];
  /** By a chain of `properties` alone. */
  readonly reachable: boolean;
  /** Headers of the places before, in lower case. */
  readonly names: Set<string>;
}

function faultIn(schema: unknown, place: Place): string | undefined {
  const { path, reachable } = place;
  if (!isObject(schema) || path.length > DEEPEST) return undefined;
  const own = Object.hasOwn(schema, HEADER_KEYWORD)
    ? ownFault(schema[HEADER_KEYWORD], schema['type'], place)
    : undefined;
  if (own !== undefined) return `${['inputSchema', ...path].join('.')}: x-mcp-header ${own}`;
  for (const [key, inner, named] of innerSchemas(schema)) {
    const chained = key === 'properties' && (reachable || path.length === 0);
    const step = named === undefined ? [key] : [key, named];
    const fault = faultIn(inner, { ...place, path: [...path, ...step], reachable: chained });
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function ownFault(header: unknown, type: unknown, { reachable, names }: Place): string | undefined {
  if (!reachable) return 'stands where no argument can be found by a chain of properties';
  if (typeof header !== 'string' || !HEADER_NAME.test(header)) return 'is no name of a header';
  if (!HEADER_TYPES.has(type)) return 'is permitted for strings, integers and booleans only';
  const name = header.toLowerCase();
  if (names.has(name)) return 'names a header that another argument names too';
  names.add(name);
  return undefined;
}

/** Keyword, schema, and the name that it has there. */
function* innerSchemas(schema: object): Generator<[string, unknown, string?]> {
  for (const [key, value] of Object.entries(schema)) {
    if (SCHEMAS.has(key)) for (const one of [value].flat()) yield [key, one];
    else if (NAMED_SCHEMAS.has(key) && isObject(value)) {
      for (const [name, one] of Object.entries(value)) yield [key, one, name];
    }
  }
}
