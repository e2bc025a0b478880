import { expect, test } from 'vitest';
import { coveringGrant } from './covering-grant.js';
import type { Grant } from './grant.js';

const END = Date.parse('2026-11-23T12:00:00Z');
const SERVER: Grant = {
  id: 'gra_server',
  kind: 'grant',
  person: 'usr_carol',
  server: 'crm',
  tool: undefined,
  reason: 'Ticket 4711',
  createdBy: 'usr_dave',
  createdAt: END - 600_000,
  expiresAt: END,
};
const TOOL: Grant = { ...SERVER, id: 'gra_tool', tool: 'add_customer' };
const use = (grants: readonly Grant[], kind: Parameters<typeof coveringGrant>[2]['kind'], name: string, at = END - 1) =>
  coveringGrant(grants, 'crm', { kind, name }, at)?.id;

test('a server’s grant covers its tools, resources and prompts, and no method', () => {
  const kinds = ['tool', 'resource', 'prompt', 'method'] as const;
  expect(kinds.map((kind) => use([SERVER], kind, 'anything'))).toEqual([
    'gra_server',
    'gra_server',
    'gra_server',
    undefined,
  ]);
});

test('a tool’s grant covers that tool alone, whatever else has its name', () => {
  expect(use([TOOL], 'tool', 'add_customer')).toBe('gra_tool');
  for (const kind of ['resource', 'prompt', 'method'] as const)
    expect(use([TOOL], kind, 'add_customer')).toBe(undefined);
});

test.each([
  'Add_Customer',
  'add_customer ',
  'add_customers',
  'add_custome',
  'add_customer\0',
  'crm/add_customer',
  'crm__add_customer',
  'add_customer/../drop',
  'add\u{2010}customer',
  '*',
  '',
  '__proto__',
])('the tool %j is another one', (name) => {
  expect(use([TOOL], 'tool', name)).toBe(undefined);
});

test.each(['CRM', 'crm2', 'cr', 'crm/', 'constructor'])('the server %j is another one', (server) => {
  for (const grant of [SERVER, TOOL]) {
    expect(coveringGrant([grant], server, { kind: 'tool', name: 'add_customer' }, END - 1)).toBe(undefined);
  }
});

test('it opens nothing from the very moment of its end on', () => {
  expect([END - 1, END, END + 1].map((at) => use([SERVER], 'tool', 'x', at))).toEqual([
    'gra_server',
    undefined,
    undefined,
  ]);
});

test('of several, break-glass is used, because it opens more', () => {
  const taken: Grant = { ...TOOL, id: 'gra_taken', kind: 'break-glass' };
  expect(coveringGrant([SERVER, taken], 'crm', { kind: 'tool', name: 'add_customer' }, END - 1)).toEqual({
    id: 'gra_taken',
    kind: 'break-glass',
  });
  expect(use([SERVER, taken], 'tool', 'list_customers')).toBe('gra_server');
});
