import { userInfo } from 'node:os';
import { afterEach, expect, test, vi } from 'vitest';
import { homeFolder, managedSettingsFile, userPaths } from './paths.js';

test('Linux follows the XDG base directories and ignores relative ones', () => {
  expect(userPaths('linux', {}, '/home/a')).toEqual({
    config: '/home/a/.config/mcp-sso',
    state: '/home/a/.local/state/mcp-sso',
    cache: '/home/a/.cache/mcp-sso',
  });
  const env = { XDG_CONFIG_HOME: '/x/config', XDG_STATE_HOME: 'relative', XDG_CACHE_HOME: '' };
  expect(userPaths('linux', env, '/home/a')).toEqual({
    config: '/x/config/mcp-sso',
    state: '/home/a/.local/state/mcp-sso',
    cache: '/home/a/.cache/mcp-sso',
  });
});

afterEach(() => vi.unstubAllEnvs());

test.each([
  ['', userInfo().homedir],
  ['relative', userInfo().homedir],
  ['/home/a', '/home/a'],
])('with HOME=%s nothing is written where the program was started', (value, home) => {
  vi.stubEnv('HOME', value);
  expect(homeFolder()).toBe(home);
});

test('macOS uses Library', () => {
  expect(userPaths('darwin', {}, '/Users/a')).toEqual({
    config: '/Users/a/Library/Application Support/mcp-sso',
    state: '/Users/a/Library/Application Support/mcp-sso',
    cache: '/Users/a/Library/Caches/mcp-sso',
  });
});

test('no variable moves the managed settings on Linux and macOS', () => {
  const env = { ProgramData: '/tmp', XDG_CONFIG_HOME: '/tmp', HOME: '/tmp' };
  expect(managedSettingsFile('linux', env)).toBe('/etc/mcp-sso/managed.json');
  expect(managedSettingsFile('darwin', env)).toBe('/Library/Application Support/mcp-sso/managed.json');
});
