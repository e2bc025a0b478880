import { expect, test } from 'vitest';
import { parseExactly } from './exact-json.js';

test.each([
  '12345678901234567890',
  '1.0',
  '1e400',
  '0.1',

  '1E5',
  '123456789012345678.5',
  '"12345678901234567890"',
])('%s leaves as it came', (text) => {
  expect(JSON.stringify({ n: parseExactly(`{"n":${text}}`) })).toBe(`{"n":{"n":${text}}}`);
});

test('what a double holds stays a number', () => {
  expect(parseExactly('{"id":1,"t":"1234567890123456","n":1234567890123456}')).toEqual({
    id: 1,
    t: '1234567890123456',
    n: 1_234_567_890_123_456,
  });
});
