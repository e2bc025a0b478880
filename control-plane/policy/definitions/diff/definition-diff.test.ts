import { expect, test } from 'vitest';
import { definitionDiff } from './definition-diff.js';

const tool = {
  name: 'pay',
  description: 'Pays an invoice of a customer.',
  inputSchema: {
    type: 'object',
    properties: { amount: { type: 'number', default: 1 }, currency: { enum: ['EUR', 'USD'] } },
    required: ['amount'],
  },
  annotations: { readOnlyHint: true },
};
const lines = (before: object | undefined, after: object): string[] =>
  definitionDiff(before && JSON.stringify(before), JSON.stringify(after)).changes.map(
    ({ at, kind, text }) => `${kind} ${at}: ${text}`,
  );

test('texts are compared by words, schemas by what they say, annotations too', () => {
  const after = {
    ...tool,
    description: 'Pays an invoice of a supplier.',
    inputSchema: {
      type: 'object',
      properties: {
        amount: { type: 'string', default: 2 },
        currency: { enum: ['EUR', 'GBP'] },
        note: { type: 'string' },
      },
      required: ['amount', 'note'],
    },
    annotations: { readOnlyHint: false, destructiveHint: true },
  };
  expect(lines(tool, after)).toEqual([
    'changed description: Pays an invoice of a [-customer-]{+supplier+}.',
    'changed inputSchema.properties.amount.type: [-number-]{+string+}',
    'changed inputSchema.properties.amount.default: [-1-]{+2+}',
    'removed inputSchema.properties.currency.enum: USD',
    'added inputSchema.properties.currency.enum: GBP',
    'added inputSchema.properties.note: {"type":"string"}',
    'added inputSchema.required: note',
    'changed annotations.readOnlyHint: [-true-]{+false+}',
    'added annotations.destructiveHint: true',
  ]);
});

test('against nothing, everything is new', () => {
  expect(lines(undefined, { name: 'pay', description: 'Pays.' })).toEqual([
    'added name: pay',
    'added description: Pays.',
  ]);
});

test.each([
  ['zero-width', 'Pays\u200b.', 'U+200B'],
  ['bidi', 'Pays\u202e.', 'U+202E'],
  ['tags', 'Pays\u{e0041}.', 'U+E0041'],
  ['variation selectors', 'Pays\u{e0100}.', 'U+E0100'],
  ['half a pair', 'Pays\ud800.', 'U+D800'],
  ['escape', 'Pays\u001b[8m.', 'U+001B'],
])('what nobody sees is made visible: %s', (_name, description, code) => {
  const { changes, hidden } = definitionDiff(
    JSON.stringify({ name: 'pay', description: 'Pays.' }),
    JSON.stringify({ name: 'pay', description }),
  );
  expect(hidden).toEqual([code]);
  expect(changes[0]?.text).toContain(`⟨${code}⟩`);
  expect(changes[0]?.text).not.toMatch(/\p{C}|\p{Default_Ignorable_Code_Point}/u);
});

test('deep, long and odd definitions end, and nothing is taken for a prototype', () => {
  const deep = JSON.parse(`${'{"a":'.repeat(500)}1${'}'.repeat(500)}`) as object;
  const deeper = JSON.parse(`${'{"a":'.repeat(500)}2${'}'.repeat(500)}`) as object;
  expect(lines(deep, deeper)).toHaveLength(1);
  const odd = JSON.parse('{"__proto__":{"x":1},"constructor":2}') as object;
  expect(lines({}, odd)).toEqual(['added __proto__: {"x":1}', 'added constructor: 2']);
  const long = definitionDiff(undefined, JSON.stringify({ name: 'pay', description: '\u200b'.repeat(100_000) }));
  expect([long.changes.length, long.more]).toEqual([1, 1]);
});

const hard = (letter: string): string => Array.from({ length: 300 }, (_word, at) => `${letter}${at}`).join(' ');

test('however many texts a server makes hard to compare, the rest is shown whole after a moment', () => {
  const keys = Array.from({ length: 40 }, (_key, index) => `k${index}`);
  const definition = (letter: string) => JSON.stringify(Object.fromEntries(keys.map((key) => [key, hard(letter)])));
  const { changes } = definitionDiff(definition('a'), definition('b'));
  expect(changes).toHaveLength(40);
  expect(changes[39]?.text).toBe(`[-${hard('a')}-]{+${hard('b')}+}`);
});
