import { expect, test } from 'vitest';
import { aggregateName, aggregateUri, splitName, splitUri } from './names.js';

test.each([
  ['crm', 'list_customers', 'crm__list_customers'],
  ['a', 'b__c', 'a__b__c'],
  ['a--b', '__', 'a--b____'],
])('server %s, tool %s ⇄ %s', (server, name, aggregated) => {
  expect(aggregateName(server, name)).toBe(aggregated);
  expect(splitName(aggregated)).toEqual({ server, name });
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
