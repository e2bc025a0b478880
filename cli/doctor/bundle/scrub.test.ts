import { expect, test } from 'vitest';
import { secretParts, secretValues, shownEnvironment } from './environment.js';
import { scrub, scrubText } from './scrub.js';

const PRIVATE = { secrets: ['correct horse', 'correct horse battery', 'short'], home: '/home/alice', user: 'alice' };

test.each([
  ['a token eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ1c3JfMSJ9.c2lnbmF0dXJl here', 'a token (removed) here'],
  ['authorization: DPoP abc.def', 'authorization: (removed) (removed)'],
  ['it says Bearer abc', 'it says Bearer (removed)'],
  ['key ghp_abcDEF123', 'key (removed)'],
  ['http://bob:pa55@proxy.example:8080 refuses', 'http://proxy.example:8080 refuses'],
  ['https://mcp.acme.example/cb?code=1&state=2', 'https://mcp.acme.example/cb?(removed)'],
  ['{"api_key":"123","password": "456"}', '{"api_key":"(removed)","password": "(removed)"}'],
  ['ask alice.doe+x@acme.example', 'ask (removed)'],
  ['sha dGhpcyBpcyBhIHNlY3JldCBrZXk0Mg', 'sha (removed)'],
  ['it was correct horse battery, or correct horse', 'it was (removed), or (removed)'],
  ['/home/alice/.config/mcp-sso of alice, not of malice', '~/.config/mcp-sso of (user), not of malice'],
])('%s', (text, scrubbed) => {
  expect(scrubText(text, PRIVATE)).toBe(scrubbed);
});

test.each([
  'The control plane is https://mcp.acme.example:8443 (set by /etc/mcp-sso/managed.json).',
  'This is mcp-sso 0.1.0 (/opt/mcp-sso/mcp-sso-0.1.0-linux-x64).',
  'The certificate of mcp.acme.example expired on 2026-11-14; Acme Root CA 2, Acme issued it.',
  'mcp-sso login --credential-store file',
])('leaves a sentence of ours as it is: %s', (text) => {
  expect(scrubText(text, PRIVATE)).toBe(text);
});

test('goes through lists and objects, and leaves numbers and the names of fields', () => {
  expect(scrub({ token: ['correct horse', 1, null, true] }, PRIVATE)).toEqual({ token: ['(removed)', 1, null, true] });
});

test('of the environment only what changes our work is shown, addresses without their secrets', () => {
  const env = {
    HTTPS_PROXY: 'http://bob:pa%2F55word@proxy.example:8080/p4th?key=qu3ry1',
    MCP_SSO_LOG_LEVEL: 'debug',
    DBUS_SESSION_BUS_ADDRESS: 'unix:path=/run/user/1000/bus,guid=abc',
    GITHUB_TOKEN: 'ghp_x',
    MCP_SSO_URL: 'not an address',
  };
  expect(shownEnvironment(env)).toEqual({
    HTTPS_PROXY: 'http://proxy.example:8080',
    MCP_SSO_LOG_LEVEL: 'debug',
    DBUS_SESSION_BUS_ADDRESS: '(set)',
    MCP_SSO_URL: '(set, and no address)',
  });
  expect(secretValues(env)).toEqual(expect.arrayContaining(['pa/55word', 'qu3ry1', 'p4th', 'ghp_x', 'not an address']));
  expect(secretParts('https://mcp.acme.example')).toEqual([]);
});
