import { describe, expect, it } from 'vitest';
import { splitBatch } from './batch-splitter.js';

const TEXTS: readonly (readonly [string, readonly string[]])[] = [
  ['{"a":1}', ['{"a":1}']],
  [' \n {"a":[1,2]} ', [' \n {"a":[1,2]} ']],
  ['[{"a":1}]', ['{"a":1}']],
  [' [ {"a":"],["} , {"b":["\\"]",{}]} ] ', ['{"a":"],["}', '{"b":["\\"]",{}]}']],
  ['[{"n":12345678901234567890}, 7, "x"]', ['{"n":12345678901234567890}', '7', '"x"']],
  ['[]', []],
  ['[[{"a":1}]]', ['[{"a":1}]']],
];

describe('a batch of a server', () => {
  it.each(TEXTS)('%s is taken apart', (text, messages) => {
    expect(splitBatch(Buffer.from(text)).map(String)).toEqual(messages);
  });

  it('of more messages than anybody means is none', () => {
    expect(splitBatch(Buffer.from(`[${Array(1_000).fill('1').join()}]`))).toHaveLength(1_000);
    expect(splitBatch(Buffer.from(`[${Array(1_001).fill('1').join()}]`))).toEqual([]);
  });
});
