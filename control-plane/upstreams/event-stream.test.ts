import { expect, test } from 'vitest';
import { EventStreamReader } from './event-stream.js';

function events(text: string, size: number): string[] {
  const seen: string[] = [];
  let data = '';
  const reader = new EventStreamReader({
    data: (chunk) => (data += chunk.toString('latin1')),
    event() {
      seen.push(data);
      data = '';
    },
    comment: () => seen.push(':'),
  });
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) reader.write(bytes.subarray(at, at + size));
  return seen;
}

test.each([1, 2, 3, 5, 1000])('events are split whatever the chunks (%i bytes) and line ends', (size) => {
  expect(events('event: message\nid: 7\nretry: 1\ndata: {"a":1}\n\ndata:{"b":2}\n\n', size)).toEqual([
    '{"a":1}',
    '{"b":2}',
  ]);
  expect(events('data: {"a":1}\r\n\r\ndata: {"b":2}\r\rdata: x\r\n\n', size)).toEqual(['{"a":1}', '{"b":2}', 'x']);
  expect(events('data: {"a":\ndata: 1}\n\n', size)).toEqual(['{"a":\n1}']);
  expect(events(': ping\n\ndata: \n\nid: 1\n\n', size)).toEqual([':', '']);
  expect(events('data:  two spaces\n\ndata\n\ndatax: no\n\ndata: never ended', size)).toEqual([' two spaces']);
});
