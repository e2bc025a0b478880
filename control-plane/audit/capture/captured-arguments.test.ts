import { expect, test } from 'vitest';
import { parseExactly } from '#shared/mcp/exact-json.js';
import { capturedArguments } from './captured-arguments.js';

const ARGS = { id: 7, api_key: 'k-123' };

test.each([
  ['none', {}],
  ['hash', {}],
  ['policy', {}],
  ['redacted', { arguments: '{"id":7,"api_key":"[redacted]"}' }],
  ['full', { arguments: '{"id":7,"api_key":"k-123"}' }],
] as const)('at level %s', (level, kept) => {
  expect(capturedArguments({ arguments: level, maxBytes: 1024 }, ARGS)).toEqual(kept);
  expect(capturedArguments({ arguments: level, maxBytes: 1024 }, undefined)).toEqual({});
});

test('a number stays as it was written', () => {
  const args = parseExactly('{"n":12345678901234567890,"one":1.0}');
  expect(capturedArguments({ arguments: 'full', maxBytes: 1024 }, args)).toEqual({
    arguments: '{"n":12345678901234567890,"one":1.0}',
  });
});

test('what is too long is cut at a whole character, and says so', () => {
  const { arguments: text = '', truncated } = capturedArguments({ arguments: 'full', maxBytes: 1024 }, [
    '€'.repeat(2_000),
  ]);
  expect(truncated).toBe(true);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1024);
  expect(text).toMatch(/^\["€+$/);
});

test('masks never make it longer than the bound', () => {
  const args = Array.from({ length: 200 }, () => ({ pin: '' }));
  const { arguments: text = '', truncated } = capturedArguments({ arguments: 'redacted', maxBytes: 1024 }, args);
  expect([Buffer.byteLength(text), truncated]).toEqual([1024, true]);
});

test('a secret that the cut goes through is not kept in part', () => {
  const args = { text: `${'x '.repeat(500)}ghp_0123456789abcdefghij0123456789abcdef` };
  const { arguments: text } = capturedArguments({ arguments: 'redacted', maxBytes: 1024 }, args);
  expect(text).not.toContain('ghp_');
});

test('what has no JSON form is kept as nothing, and fails no call', () => {
  let deep: unknown = 1;
  for (let level = 0; level < 100_000; level++) deep = [deep];
  expect(capturedArguments({ arguments: 'full', maxBytes: 1024 }, deep)).toEqual({ arguments: '' });
  expect(capturedArguments({ arguments: 'full', maxBytes: 1024 }, { n: 1n })).toEqual({ arguments: '' });
  expect(capturedArguments({ arguments: 'redacted', maxBytes: 1024 }, { t: '\ud800' })).toEqual({
    arguments: '{"t":"\\ud800"}',
  });
});
