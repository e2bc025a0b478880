import { expect, test } from 'vitest';
import { canShowBrowser, openInBrowser } from './browser.js';

test.each([
  'https://evil.example/oauth/authorize',
  'https://mcp.acme.example.evil.example/',
  'http://mcp.acme.example/oauth/authorize',
  'javascript:alert(1)',
  'file:///etc/passwd',
  'not an address',
])('never opens %s for a control plane at https://mcp.acme.example', async (address) => {
  await expect(openInBrowser(address, 'https://mcp.acme.example')).rejects.toMatchObject({ code: 'internal' });
});

test.each([
  ['linux', { DISPLAY: ':0' }, true],
  ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, true],
  ['linux', { WSL_DISTRO_NAME: 'Debian' }, true],
  ['linux', {}, false],
  ['linux', { DISPLAY: ':0', SSH_CONNECTION: '10.0.0.1 1 10.0.0.2 22' }, false],
  ['darwin', {}, true],
  ['darwin', { SSH_TTY: '/dev/ttys0' }, false],
  ['win32', { CI: 'true' }, false],
] as const)('on %s with %o a browser can be shown: %s', (platform, env, expected) => {
  expect(canShowBrowser(platform, env, false)).toBe(expected);
});

test.each([{ container: 'podman' }, { KUBERNETES_SERVICE_HOST: '10.0.0.1' }])('%o is a container', (env) => {
  expect(canShowBrowser('linux', { DISPLAY: ':0', ...env })).toBe(false);
});

test('a container has no browser', () => {
  expect(canShowBrowser('linux', { DISPLAY: ':0' }, true)).toBe(false);
});
