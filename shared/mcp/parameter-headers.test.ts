import { expect, test } from 'vitest';
import { headerParameters, parameterHeaders } from './parameter-headers.js';

const SCHEMA = {
  type: 'object',
  properties: {
    region: { type: 'string', 'x-mcp-header': 'Region' },
    where: { type: 'object', properties: { dry: { type: 'boolean', 'x-mcp-header': 'Dry-Run' } } },
    broken: { type: 'string', 'x-mcp-header': 'a b' },
    list: { type: 'array', items: { type: 'string', 'x-mcp-header': 'Item' } },
    limit: { type: 'integer', 'x-mcp-header': 'Limit' },
    score: { type: 'number', 'x-mcp-header': 'Score' },
  },
};

test('parameters are found on a chain of properties only, under a name that fits a header', () => {
  expect(headerParameters(SCHEMA)).toEqual([
    { path: ['region'], header: 'Region' },
    { path: ['where', 'dry'], header: 'Dry-Run' },
    { path: ['limit'], header: 'Limit' },
  ]);
  expect(headerParameters({ 'x-mcp-header': 'Root', type: 'string' })).toEqual([]);
  expect(headerParameters(null)).toEqual([]);
  const region = { type: 'string', 'x-mcp-header': 'region' };
  expect(headerParameters({ ...SCHEMA, properties: { ...SCHEMA.properties, region2: region } })).toEqual([]);
});

test.each([
  [
    { region: 'eu', where: { dry: true }, limit: 3 },
    { 'mcp-param-region': 'eu', 'mcp-param-dry-run': 'true', 'mcp-param-limit': '3' },
  ],
  [{ region: 'münchen' }, { 'mcp-param-region': '=?base64?bcO8bmNoZW4=?=' }],
  [{ region: 'a\r\nx-evil: 1' }, { 'mcp-param-region': '=?base64?YQ0KeC1ldmlsOiAx?=' }],
  [{ region: null, where: 'no object', limit: 2 ** 60 }, {}],
  [{ region: { nested: 'x' } }, {}],
])('arguments %j travel as %j', (callArguments, headers) => {
  expect(parameterHeaders(headerParameters(SCHEMA), callArguments)).toEqual(headers);
});

test('a header is never read from a prototype', () => {
  expect(parameterHeaders([{ path: ['constructor', 'name'], header: 'X' }], {})).toEqual({});
});
