import { expect, test } from 'vitest';
import { SpokenLines } from './spoken-lines.js';

const mask = (text: string): string => text.replaceAll('s3cret', '***');

test('the last 200 lines of a server are kept, masked before they are cut', () => {
  const lines = new SpokenLines(() => 5);
  for (let n = 0; n < 250; n += 1) lines.add('files', 7, `line ${n} s3cret`, mask);
  lines.add('crm', undefined, `${'x'.repeat(997)}s3cret`, mask);
  expect(lines.of('files')).toHaveLength(200);
  expect(lines.of('files')[0]).toEqual({ at: 5, pid: 7, text: 'line 50 ***' });
  expect(lines.of('crm')).toEqual([{ at: 5, pid: null, text: `${'x'.repeat(997)}***` }]);
  expect(lines.of('other')).toEqual([]);
});
