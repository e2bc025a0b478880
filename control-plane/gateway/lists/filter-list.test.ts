import { expect, test } from 'vitest';
import { aggregated } from './filter-list.js';

test('a tool’s user interface is named under its server too, by the current key and the older one', () => {
  const ui = { resourceUri: 'ui://chart', visibility: ['model'] };
  const item = { name: 'chart', _meta: { ui, 'ui/resourceUri': 'ui://chart', 'com.example/x': 1 }, unknown: true };
  expect(aggregated('crm', 'tools/list', [item])).toEqual([
    {
      server: 'crm',
      name: 'chart',
      item: {
        name: 'crm__chart',
        _meta: {
          ui: { resourceUri: 'mcp.crm+ui://chart', visibility: ['model'] },
          'ui/resourceUri': 'mcp.crm+ui://chart',
          'com.example/x': 1,
        },
        unknown: true,
      },
    },
  ]);
});

test('a user interface that names another server’s resource is named under its own server all the same', () => {
  const theirs = 'mcp.hr+ui://chart';
  const tool = { name: 'chart', _meta: { ui: { resourceUri: theirs }, 'ui/resourceUri': theirs } };
  expect(aggregated('crm', 'tools/list', [tool])[0]?.item['_meta']).toEqual({
    ui: { resourceUri: 'mcp.crm+mcp.hr+ui://chart' },
    'ui/resourceUri': 'mcp.crm+mcp.hr+ui://chart',
  });
});

test('of two items that would be shown alike neither is', () => {
  const twins = [`\ud800${'x'.repeat(70)}`, `\ud801${'x'.repeat(70)}`].map((name) => ({ name }));
  expect(aggregated('crm', 'tools/list', [...twins, { name: 'other' }]).map(({ name }) => name)).toEqual(['other']);
});
