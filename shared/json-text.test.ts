import { expect, test } from 'vitest';
import { jsonText } from './json-text.js';

test('what breaks a line or steers a terminal is escaped, and read as it was', () => {
  const value = { 'a\u2028': ['\u009b2J\u202e\u{e0041}é🦊\n'] };
  expect(jsonText(value)).toBe(String.raw`{"a\u2028":["\u009b2J\u202e\udb40\udc41é🦊\n"]}`);
  expect(JSON.parse(jsonText(value))).toEqual(value);
  expect(jsonText([1], 2)).toBe('[\n  1\n]');
});
