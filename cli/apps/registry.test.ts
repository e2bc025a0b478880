import { expect, test } from 'vitest';
import type { Machine } from './machine.js';
import { AI_APPS, configsOf, installedConfigs } from './registry.js';

const machine = (platform: NodeJS.Platform, home: string, more: Partial<Machine> = {}): Machine => ({
  platform,
  env: {},
  home,
  exists: () => false,
  list: () => [],
  ...more,
});

const filesOf = (where: Machine): Record<string, string[]> =>
  Object.fromEntries(AI_APPS.map((app) => [app.id, configsOf(where, app).map(({ file }) => file)]));

test('where each app reads its config on Linux', () => {
  expect(filesOf(machine('linux', '/home/a'))).toEqual({
    'claude-desktop': ['/home/a/.config/Claude/claude_desktop_config.json'],
    'claude-code': ['/home/a/.claude.json'],
    cursor: ['/home/a/.cursor/mcp.json'],
    vscode: ['/home/a/.config/Code/User/mcp.json'],
    windsurf: ['/home/a/.codeium/windsurf/mcp_config.json'],
    codex: ['/home/a/.codex/config.toml'],
    'gemini-cli': ['/home/a/.gemini/settings.json'],
  });
});

test('on macOS', () => {
  expect(filesOf(machine('darwin', '/Users/a'))).toMatchObject({
    'claude-desktop': ['/Users/a/Library/Application Support/Claude/claude_desktop_config.json'],
    vscode: ['/Users/a/Library/Application Support/Code/User/mcp.json'],
    codex: ['/Users/a/.codex/config.toml'],
  });
});

test('on Windows', () => {
  expect(filesOf(machine('win32', 'C:\\Users\\a', { env: { APPDATA: 'D:\\Roaming' } }))).toMatchObject({
    'claude-desktop': ['D:\\Roaming\\Claude\\claude_desktop_config.json'],
    'claude-code': ['C:\\Users\\a\\.claude.json'],
    vscode: ['D:\\Roaming\\Code\\User\\mcp.json'],
  });
});

test('complaint 19, Claude Desktop from the Windows store has an AppData of its own; both editions may be there', () => {
  const packages = 'C:\\Users\\a\\AppData\\Local\\Packages';
  const list = (folder: string): string[] => (folder === packages ? ['Claude_pzs8sxrjxfjjc', 'Other_1'] : []);
  const store = `${packages}\\Claude_pzs8sxrjxfjjc\\LocalCache\\Roaming\\Claude\\claude_desktop_config.json`;
  const classic = 'C:\\Users\\a\\AppData\\Roaming\\Claude';
  expect(filesOf(machine('win32', 'C:\\Users\\a', { list }))['claude-desktop']).toEqual([store]);
  expect(filesOf(machine('win32', 'C:\\Users\\a', { list, exists: () => true }))['claude-desktop']).toEqual([
    `${classic}\\claude_desktop_config.json`,
    store,
  ]);
});

test('variables move configs; relative values do not', () => {
  const env = { XDG_CONFIG_HOME: '/x', CLAUDE_CONFIG_DIR: '/y', CODEX_HOME: 'relative', VSCODE_PORTABLE: '/p' };
  expect(filesOf(machine('linux', '/home/a', { env }))).toMatchObject({
    'claude-desktop': ['/x/Claude/claude_desktop_config.json'],
    'claude-code': ['/y/.claude.json'],
    codex: ['/home/a/.codex/config.toml'],
    vscode: ['/p/user-data/User/mcp.json'],
  });
});

test('finds what has been used here: VS Code in WSL, and a profile with servers of its own', () => {
  const there = new Set(['/home/a/.vscode-server/data/User', '/home/a/.config/Code/User/profiles/1f/mcp.json']);
  const where = machine('linux', '/home/a', {
    exists: (path) => there.has(path),
    list: (folder) => (folder === '/home/a/.config/Code/User/profiles' ? ['1f', '2e'] : []),
  });
  expect(installedConfigs(where).map(({ file }) => file)).toEqual([
    '/home/a/.vscode-server/data/User/mcp.json',
    '/home/a/.config/Code/User/profiles/1f/mcp.json',
  ]);
});
