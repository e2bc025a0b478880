import { expect, test } from 'vitest';
import { parameterHeaderFault } from './parameter-header-fault.js';

const region = { type: 'string', 'x-mcp-header': 'Region' };
const NOWHERE = 'stands where no argument can be found by a chain of properties';

test.each([
  undefined,
  {},
  {
    type: 'object',
    properties: { region, page: { properties: { size: { type: 'integer', 'x-mcp-header': 'Size' } } } },
  },
  { properties: { region, items: { type: 'boolean', 'x-mcp-header': 'properties' } } },
  { properties: { 'x-mcp-header': { type: 'number' } } },
  { properties: { a: { const: region, default: region, enum: [region], examples: [region] } }, 'x-own': region },
])('%j is a valid definition', (schema) => {
  expect(parameterHeaderFault(schema)).toBeUndefined();
});

test.each([
  [
    { properties: { a: { type: 'string', 'x-mcp-header': '' } } },
    'inputSchema.properties.a: x-mcp-header is no name of a header',
  ],
  [
    { properties: { a: { type: 'string', 'x-mcp-header': 'a b' } } },
    'inputSchema.properties.a: x-mcp-header is no name of a header',
  ],
  [
    { properties: { a: { type: 'string', 'x-mcp-header': 'a\r\nb' } } },
    'inputSchema.properties.a: x-mcp-header is no name of a header',
  ],
  [
    { properties: { a: { type: 'string', 'x-mcp-header': 7 } } },
    'inputSchema.properties.a: x-mcp-header is no name of a header',
  ],
  [
    { properties: { a: { type: 'number', 'x-mcp-header': 'A' } } },
    'inputSchema.properties.a: x-mcp-header is permitted for strings, integers and booleans only',
  ],
  [
    { properties: { a: { 'x-mcp-header': 'A' } } },
    'inputSchema.properties.a: x-mcp-header is permitted for strings, integers and booleans only',
  ],
  [
    { properties: { region, a: { properties: { b: { type: 'string', 'x-mcp-header': 'rEGION' } } } } },
    'inputSchema.properties.a.properties.b: x-mcp-header names a header that another argument names too',
  ],
  [region, `inputSchema: x-mcp-header ${NOWHERE}`],
  [{ properties: { a: { items: region } } }, `inputSchema.properties.a.items: x-mcp-header ${NOWHERE}`],
  [
    { properties: { a: { items: { properties: { b: region } } } } },
    `inputSchema.properties.a.items.properties.b: x-mcp-header ${NOWHERE}`,
  ],
  [{ anyOf: [{}, { properties: { b: region } }] }, `inputSchema.anyOf.properties.b: x-mcp-header ${NOWHERE}`],
  [{ $defs: { r: region } }, `inputSchema.$defs.r: x-mcp-header ${NOWHERE}`],
])('%j is none', (schema, fault) => {
  expect(parameterHeaderFault(schema)).toBe(fault);
});

test('a schema nested without end is not followed without end', () => {
  let schema: object = { type: 'string' };
  for (let depth = 0; depth < 50_000; depth += 1) schema = { properties: { a: schema } };
  expect(parameterHeaderFault(schema)).toBeUndefined();
});
