import { expect, test } from 'vitest';
import { LineReader } from './line-reader.js';

function read(text: string, size: number, limit = 10): string[] {
  const seen: string[] = [];
  const reader = new LineReader(limit, {
    line: (bytes) => seen.push(bytes.toString()),
    tooLong: (beginning) => seen.push(`${beginning.toString()}…`),
  });
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) reader.write(bytes.subarray(at, at + size));
  return seen;
}

test.each([1, 2, 3, 7, 100])('lines are cut whatever the chunks (%i bytes)', (size) => {
  expect(read('one\n\ntwö\nthree\nnot ended', size)).toEqual(['one', 'twö', 'three']);
});

test.each([1, 4, 100])('a line over the limit is told once and skipped to its end (%i bytes)', (size) => {
  expect(read(`${'x'.repeat(25)}\nnext\n`, size)).toEqual(['xxxxxxxxxx…', 'next']);
});
