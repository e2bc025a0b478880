import { expect, test } from 'vitest';
import { mayBeSentTo } from './content-security.js';

const PAGE = new URL('https://mcp.example/confirm');

test.each<[policy: string, target: string, allowed: boolean]>([
  ["default-src 'none'", 'https://evil.example/', true],
  ["form-action 'none'", 'https://mcp.example/', false],
  ["form-action 'self'", 'https://mcp.example/done', true],
  ["form-action 'self'", 'http://127.0.0.1:4711/callback', false],
  ["default-src 'none'; form-action 'self' http://127.0.0.1:4711", 'http://127.0.0.1:4711/callback', true],
  ["form-action 'self' http://127.0.0.1:4711", 'http://127.0.0.1:4712/callback', false],
  ['form-action http://127.0.0.1:*', 'http://127.0.0.1:4712/callback', true],
  ['form-action https:', 'http://127.0.0.1:4712/callback', false],
  ['form-action https://idp.example/path', 'https://idp.example/other', false],
])('%s for %s: %s', (policy, target, allowed) => {
  expect(mayBeSentTo([policy], PAGE, new URL(target))).toBe(allowed);
});

test('every one of several policies must allow it', () => {
  expect(mayBeSentTo(["form-action 'self'", "form-action 'none'"], PAGE, PAGE)).toBe(false);
});
