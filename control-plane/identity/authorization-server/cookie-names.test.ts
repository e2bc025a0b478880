import { expect, test } from 'vitest';
import { startApplication } from '../testing/application.js';
import { TestBrowser } from '../testing/browser.js';
import { REDIRECT_URI } from '../testing/client.js';
import { cookieNames } from './cookie-names.js';

test('behind https every cookie is Secure, HttpOnly, Lax and prefixed', async () => {
  await using system = await startApplication({ publicUrl: 'https://mcp.corp.test' });
  const query = new URLSearchParams({
    client_id: 'mcp-bridge',
    response_type: 'code',
    redirect_uri: REDIRECT_URI,
    scope: 'openid mcp',
    code_challenge: 'A'.repeat(43),
    code_challenge_method: 'S256',
  });
  const browser = new TestBrowser();
  const first = await browser.fetch(new URL(`${system.address}/oauth/authorize?${query.toString()}`));
  expect(first.status).toBe(303);
  const path = first.headers.get('location') ?? '';
  const second = await browser.fetch(new URL(path, system.address));
  expect(second.status).toBe(303);
  expect(second.headers.get('location')).toContain(encodeURIComponent('https://mcp.corp.test/auth/callback'));
  const cookies = [...first.headers.getSetCookie(), ...second.headers.getSetCookie()];
  expect(cookies.map((line) => line.slice(0, line.indexOf('=')).replace(/login-.*/, 'login'))).toEqual([
    '__Secure-mcp-sso-interaction',
    '__Secure-mcp-sso-interaction.sig',
    '__Secure-mcp-sso-resume',
    '__Secure-mcp-sso-resume.sig',
    '__Host-mcp-sso-login',
  ]);
  for (const line of cookies) expect(line).toMatch(/; secure/i);
  for (const line of cookies) expect(line).toMatch(/; httponly/i);
  for (const line of cookies) expect(line).toMatch(/; samesite=lax/i);
  expect(cookies.at(-1)).toContain('Path=/;');
});

test('on loopback without TLS the names carry no prefix, which a browser would drop', () => {
  const names = cookieNames('http://127.0.0.1:8700');
  expect(names.secure).toBe(false);
  expect(names.login('x')).toBe('mcp-sso-login-x');
  expect([names.session, names.interaction, names.resume].some((name) => name.startsWith('__'))).toBe(false);
});
