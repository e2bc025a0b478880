import { expect, test } from 'vitest';
import { SseReader } from './sse.js';

function read(text: string, size: number): string[] {
  const reader = new SseReader(1000);
  const bytes = Buffer.from(text);
  const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
    bytes.subarray(at * size, (at + 1) * size),
  );
  return chunks.flatMap((chunk) => Array.from(reader.push(chunk)));
}

test.each([1, 2, 3, 7, 1000])('events are read in chunks of %i bytes', (size) => {
  const text =
    '\u{feff}: hello\r\nevent: message\r\nid: 1\r\ndata: {"a":"ü"}\r\n\r\ndata:x\rdata: y\r\rdata\n\nretry: 5\n\ndata: z\n\n';
  expect(read(text, size)).toEqual(['{"a":"ü"}', 'x\ny', '', 'z']);
});

test('an event without its empty line is not delivered', () => {
  expect(read('data: {"half"', 4)).toEqual([]);
  expect(read('data: {"half":1}\n', 4)).toEqual([]);
});

test('an event over the limit ends the stream, in one line or in many', () => {
  const tooLarge = expect.objectContaining({ code: 'upstream_invalid' });
  expect(() => read(`data: ${'x'.repeat(1001)}`, 100)).toThrow(tooLarge);
  expect(() => read('data: 0123456789\n'.repeat(101), 100)).toThrow(tooLarge);
});
