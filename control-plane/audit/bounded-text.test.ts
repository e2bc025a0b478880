import { expect, test } from 'vitest';
import { bounded } from './bounded-text.js';

test('long text is cut, half a character is replaced, what is no number or is absent is left out', () => {
  const claim = { name: 'x'.repeat(50), version: '\ud83d' };
  expect(bounded({ claim, at: Number.NaN, none: undefined, count: 3, cut: true, ids: ['ok', '\udc00'] }, 10)).toEqual({
    claim: { name: 'xxxxxxxxx…', version: '\ufffd' },
    count: 3,
    cut: true,
    ids: ['ok', '\ufffd'],
  });
});
