import { expect, test } from 'vitest';
import { parseExactly } from './exact-json.js';

test.each([
  '{"id":12345678901234567890}',
  '{"price":1.0,"list":[1e400,-1.50]}',
  '{"small":1,"text":"12345678901234567890 1.0"}',
  '{"fraction":0.1234567890123456789}',
])('%s comes out as it went in', (text) => {
  expect(JSON.stringify(parseExactly(text))).toBe(text);
});

test('ordinary numbers stay numbers', () => {
  expect(parseExactly('{"a":10,"b":0.5,"c":"1.0"}')).toEqual({ a: 10, b: 0.5, c: '1.0' });
});
