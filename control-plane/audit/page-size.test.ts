import { expect, test } from 'vitest';
import { fitPage } from './page-size.js';

test('a page holds what fits in 700,000 bytes, and at least one item', () => {
  const item = 'x'.repeat(99_997); // 100,000 bytes with quotes and comma
  expect(fitPage(Array.from({ length: 9 }, () => item))).toHaveLength(7);
  expect(fitPage(['y'.repeat(1_000_000), item])).toHaveLength(1);
  expect(fitPage(['a', 'b'])).toEqual(['a', 'b']);
  expect(fitPage([])).toEqual([]);
});
