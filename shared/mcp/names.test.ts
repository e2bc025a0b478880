import { expect, test } from 'vitest';
import { aggregateName, aggregateUri, isShortened, splitName, splitUri } from './names.js';

test.each([
  ['crm', 'list_customers', 'crm__list_customers'],
  ['a', 'b__c', 'a__b__c'],
  ['a--b', '__', 'a--b____'],
])('server %s, tool %s ⇄ %s', (server, name, aggregated) => {
  expect(aggregateName(server, name)).toBe(aggregated);
  expect(splitName(aggregated)).toEqual({ server, name });
});

test.each([
  ['crm', 'x'.repeat(59), `crm__${'x'.repeat(59)}`],
  ['crm', 'x'.repeat(60), `crm__${'x'.repeat(42)}_42f2d97335669f86`],
  ['crm', 'ü😀'.repeat(40), `crm__${'_'.repeat(42)}_f1f646cbb5d19b15`],
])('server %s shows %s as %s', (server, name, shown) => {
  expect(aggregateName(server, name)).toBe(shown);
  expect(shown).toHaveLength(64);
});

test('a shortened name is known by its look, and a name that only looks so is shortened too', () => {
  const long = 'list_all_customers_of_a_region_with_their_open_orders_and_invoices';
  const shown = aggregateName('crm', long);
  expect(shown).toBe('crm__list_all_customers_of_a_region_with_their__5e0cd2368e15145d');
  expect(isShortened(shown)).toBe(true);
  expect(aggregateName('crm', `${long}!`)).not.toBe(shown);
  const lookalike = splitName(shown)!.name;
  expect(aggregateName('crm', lookalike)).not.toBe(shown);
  expect(isShortened(aggregateName('crm', lookalike))).toBe(true);
  expect(isShortened('crm__list_customers_0123456789abcdef')).toBe(false);
});

test.each(['list_customers', '__x', 'crm__', 'CRM__x', 'a/b__x', `${'a'.repeat(25)}__x`, ''])(
  'the name %j belongs to no server',
  (name) => {
    expect(splitName(name)).toBeUndefined();
  },
);

test('URIs and URI templates keep their form behind the prefix', () => {
  expect(aggregateUri('crm', 'file:///a+b')).toBe('mcp.crm+file:///a+b');
  expect(splitUri('mcp.crm+file:///a+b')).toEqual({ server: 'crm', uri: 'file:///a+b' });
  expect(splitUri('mcp.a--b+demo://{id}')).toEqual({ server: 'a--b', uri: 'demo://{id}' });
});

test.each(['file:///a', 'mcp.crm', 'mcp.+x', 'mcp.crm+', 'mcp.CRM+x'])('the URI %j belongs to no server', (uri) => {
  expect(splitUri(uri)).toBeUndefined();
});
