import { expect, test } from 'vitest';
import { FrameSplitter } from './frames.js';

test('a line is whole wherever the chunks end, even inside a character', () => {
  const splitter = new FrameSplitter(100);
  const bytes = Buffer.from('{"a":"ü"}\r\n\n{"b":1}\n{"c"');
  const frames = [...bytes].flatMap((byte) => splitter.push(Buffer.from([byte])));
  expect(frames).toEqual([
    { kind: 'line', text: '{"a":"ü"}' },
    { kind: 'line', text: '{"b":1}' },
  ]);
});

test('several lines in one chunk are several frames', () => {
  expect(new FrameSplitter(100).push(Buffer.from('1\n2\n3\n'))).toEqual([
    { kind: 'line', text: '1' },
    { kind: 'line', text: '2' },
    { kind: 'line', text: '3' },
  ]);
});

test('an over-long line is dropped as it arrives, and the next one is read again', () => {
  const splitter = new FrameSplitter(8);
  expect(splitter.push(Buffer.from('12345678\n123456789'))).toEqual([{ kind: 'line', text: '12345678' }]);
  expect(splitter.push(Buffer.from('0'.repeat(100)))).toEqual([]);
  expect(splitter.push(Buffer.from('0\nok\n'))).toEqual([{ kind: 'too_long' }, { kind: 'line', text: 'ok' }]);
});

test('bytes that are not UTF-8 are refused, not replaced', () => {
  expect(new FrameSplitter(8).push(Buffer.from([0x22, 0xff, 0x22, 0x0a]))).toEqual([{ kind: 'not_utf8' }]);
});
