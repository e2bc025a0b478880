import { expect, test } from 'vitest';
import { FaultyTools } from './faulty-tools.js';

const tool = (name: string, header: unknown) => ({
  name,
  inputSchema: { properties: { a: { type: 'string', 'x-mcp-header': header } } },
});

test('an invalid tool is left out each time and told once for each server', () => {
  const tools = new FaultyTools();
  const list = [tool('good', 'A'), tool('bad', '')];
  const news = [{ tool: 'bad', reason: 'inputSchema.properties.a: x-mcp-header is no name of a header' }];
  expect(tools.sort('far', list)).toEqual({ valid: [list[0]], news });
  expect(tools.sort('far', list)).toEqual({ valid: [list[0]], news: [] });
  expect(tools.sort('other', list)).toEqual({ valid: [list[0]], news });
});

test('of a server that never stops inventing names only some are told', () => {
  const many = Array.from({ length: 2_000 }, (_, at) => tool(`bad${at}`, ''));
  const { valid, news } = new FaultyTools().sort('far', many);
  expect([valid.length, news.length]).toEqual([0, 1_000]);
});
