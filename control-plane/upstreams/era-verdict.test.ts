import { expect, test } from 'vitest';
import { EraBook } from './era-book.js';
import { castsDoubt, eraVerdict } from './era-verdict.js';

const error = (code: number, data?: object) => ({ jsonrpc: '2.0', id: 1, error: { code, message: 'x', data } });
const discovered = (versions: string[]) => ({ jsonrpc: '2.0', id: 1, result: { supportedVersions: versions } });

test.each([
  ['a discover result', 200, discovered(['2026-07-28']), 'modern'],
  ['a discover result of later versions only', 200, discovered(['2027-01-01']), 'legacy'],
  ['a header mismatch', 400, error(-32020), 'modern'],
  ['a missing capability', 400, error(-32021), 'modern'],
  ['an unsupported version with ours among the supported', 400, error(-32022, { supported: ['2026-07-28'] }), 'modern'],
  ['an unsupported version without ours', 400, error(-32022, { supported: ['2025-11-25'] }), 'legacy'],
  ['method not found', 404, error(-32601), 'legacy'],
  ['method not found in a 200', 200, error(-32601), 'legacy'],
  ['server not initialized', 400, error(-32000), 'legacy'],
  ['an empty 400', 400, undefined, 'legacy'],
  ['an empty 405', 405, undefined, 'legacy'],
  ['401', 401, undefined, undefined],
  ['403 with a modern error', 403, error(-32022), undefined],
  ['408', 408, undefined, undefined],
  ['429', 429, undefined, undefined],
  ['500', 500, undefined, undefined],
  ['503 with a legacy error', 503, error(-32601), undefined],
  ['a redirect', 302, undefined, undefined],
])('%s says of the era what it should', (_what, status, message, verdict) => {
  expect(eraVerdict(status, message)).toBe(verdict);
});

test.each([
  [200, undefined, false],
  [400, undefined, true],
  [400, -32000, true],
  [400, -32600, true],
  [404, -32001, true],
  [400, -32020, false],
  [400, -32602, false],
  [404, -32601, false],
  [401, undefined, false],
  [429, -32000, false],
  [503, -32000, false],
])('%s with the code %s to a modern request casts doubt on the era: %s', (status, code, doubt) => {
  expect(castsDoubt(status, code)).toBe(doubt);
});

test('a legacy verdict expires, a modern one stays, a failure is not kept', async () => {
  let now = 0;
  let detections = 0;
  const [old, young] = [{}, {}];
  const book = new EraBook(600_000, () => now);
  const detect = (era: 'modern' | 'legacy') => () => {
    detections += 1;
    return Promise.resolve(era);
  };
  expect(await book.of(old, detect('legacy'))).toBe('legacy');
  now = 599_999;
  expect(await book.of(old, detect('modern'))).toBe('legacy');
  now = 600_000;
  expect(await book.of(old, detect('modern'))).toBe('modern');
  now = 10_000_000;
  expect(await book.of(old, detect('legacy'))).toBe('modern');
  expect(detections).toBe(2);
  book.forget(old, Promise.resolve('legacy'));
  expect(await book.of(old, detect('legacy'))).toBe('modern');
  book.forget(old);
  expect(await book.of(old, detect('legacy'))).toBe('legacy');
  await expect(book.of(young, () => Promise.reject(new Error('down')))).rejects.toThrow('down');
  expect(await book.of(young, detect('modern'))).toBe('modern');
});
