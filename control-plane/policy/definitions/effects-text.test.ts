import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { effectsText, type ToolEffect } from './effects-text.js';

const tool = (name: string, effect: ToolEffect['effect'] = null): ToolEffect => ({
  server: 'crm',
  tool: name,
  effect,
  suggestedEffect: 'read',
});
type Nested = Map<string, Nested>;

test('what has no effect yet is written as the settings have it, and whatever a name is it stays a name', () => {
  const names = ['list', 'yes', 'a: b', '# c', '__proto__', 'd"e\'f', '{}', '? x', '!!str y'];
  const text = effectsText([...names.map((name) => tool(name)), tool('known', 'write')]);
  const tools = (parse(text, { mapAsMap: true }) as Nested).get('servers')?.get('crm')?.get('tools');
  expect([...(tools ?? [])].map(([name, said]) => [name, [...said]])).toEqual(
    names.map((name) => [name, [['effect', 'read']]]),
  );
});

test('a name with characters that nobody sees is counted and not written', () => {
  const text = effectsText([tool('list'), tool('li\u200bst'), tool('a\nb: {}')]);
  expect(text).toContain('# Left out: 2 whose names hold characters that people do not see.\n');
  expect(text).toMatch(/\nservers:\n {2}crm:\n {4}tools:\n {6}list:\n {8}effect: read\n$/);
  expect(effectsText([tool('known', 'read')])).toMatch(/# There is no such tool\.\n$/);
});
