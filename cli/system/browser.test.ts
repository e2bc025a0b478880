import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { canShowBrowser, openInBrowser } from './browser.js';

test.each([
  'https://evil.example/oauth/authorize',
  'https://mcp.acme.example.evil.example/',
  'http://mcp.acme.example/oauth/authorize',
  'javascript:alert(1)',
  'file:///etc/passwd',
  'not an address',
])('complaint 20, never opens %s for a control plane at https://mcp.acme.example', async (address) => {
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
  expect(canShowBrowser('linux', { DISPLAY: ':7777', ...env })).toBe(false);
});

test('a container has a browser only where a display leads into it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'display-'));
  const display = join(folder, 'wayland-1');
  const env = { XDG_RUNTIME_DIR: folder, WAYLAND_DISPLAY: 'wayland-1' };
  expect(canShowBrowser('linux', { DISPLAY: ':7777' }, true)).toBe(false);
  expect(canShowBrowser('linux', env, true)).toBe(false);
  await writeFile(display, '');
  expect(canShowBrowser('linux', env, true)).toBe(true);
  expect(canShowBrowser('linux', { WAYLAND_DISPLAY: display }, true)).toBe(true);
  expect(canShowBrowser('linux', { ...env, SSH_CONNECTION: '10.0.0.1 1 10.0.0.2 22' }, true)).toBe(false);
});
