import { expect, test } from 'vitest';
import { parseToml } from '../../apps/config-text/toml-tree.js';
import { kitFiles } from './kit-files.js';
import type { Kit } from './kit.js';

const KIT: Kit = { origin: 'https://mcp.acme.example', organization: 'Acme', version: '1.2.3', overridable: false };

function file(path: string, kit: Kit = KIT): string {
  const found = kitFiles(kit).find((one) => one.path === path);
  if (!found) throw new Error(`The kit has no ${path}`);
  return found.content.toString();
}

test('managed settings lock the address unless told otherwise', () => {
  expect(JSON.parse(file('linux/managed.json'))).toEqual({ url: 'https://mcp.acme.example' });
  const open: Kit = { ...KIT, overridable: true, credentialStore: 'keychain' };
  expect(JSON.parse(file('macos/managed.json', open))).toEqual({
    url: 'https://mcp.acme.example',
    credentialStore: 'keychain',
    overridable: ['url'],
  });
});

test('Claude Code has our bridge alone, at the path of each system', () => {
  expect(JSON.parse(file('claude-code/linux/managed-mcp.json'))).toEqual({
    mcpServers: { 'mcp-sso': { type: 'stdio', command: '/usr/local/bin/mcp-sso', args: ['bridge'] } },
  });
  expect(JSON.parse(file('claude-code/windows/managed-settings.json'))).toEqual({
    allowManagedMcpServersOnly: true,
    allowedMcpServers: [{ serverCommand: [String.raw`C:\ProgramData\mcp-sso\mcp-sso.exe`, 'bridge'] }],
  });
});

test('the lines for Cursor, Windsurf, Copilot and Codex name the very same program', () => {
  const windows = String.raw`C:\ProgramData\mcp-sso\mcp-sso.exe`;
  expect(file('cursor/allow-list.txt')).toBe(`/usr/local/bin/mcp-sso bridge\n${windows} bridge\n`);
  expect(JSON.parse(file('vscode-copilot/managed-settings.json'))).toEqual({
    allowedMcpServers: [
      { serverCommand: ['/usr/local/bin/mcp-sso', 'bridge'] },
      { serverCommand: [windows, 'bridge'] },
    ],
  });
  for (const [system, command] of [
    ['linux', '/usr/local/bin/mcp-sso'],
    ['windows', windows],
  ] as const) {
    const path = `codex/${system}/requirements.toml`;
    expect(parseToml(file(path), path).value).toEqual({ mcp_servers: { 'mcp-sso': { identity: { command } } } });
  }
});

test('Windsurf’s expressions match that program and no other', () => {
  const { command } = JSON.parse(file('windsurf/whitelist-windows.json')) as { command: string };
  const expression = new RegExp(command, 'u');
  expect(expression.test(String.raw`C:\ProgramData\mcp-sso\mcp-sso.exe`)).toBe(true);
  expect(expression.test(String.raw`C:\ProgramData\mcp-sso\mcp-ssoXexe`)).toBe(false);
  expect(expression.test(String.raw`D:\evil\C:\ProgramData\mcp-sso\mcp-sso.exe`)).toBe(false);
});

test('the same settings give the same bytes, and no two files have one path', () => {
  expect(kitFiles(KIT)).toEqual(kitFiles({ ...KIT }));
  const paths = kitFiles(KIT).map(({ path }) => path);
  expect(new Set(paths).size).toBe(paths.length);
});

/** A path as the README has it, where `*` and SYSTEM stand for more than one. */
const pattern = (path: string): RegExp =>
  new RegExp(
    `^${path
      .replace('SYSTEM', '[a-z]+')
      .replaceAll('.', String.raw`\.`)
      .replace('*', '[^/]*')}`,
  );

test('the README names every file, and no other', () => {
  const text = file('README.md');
  const named = [...text.matchAll(/^\| `([^`]+)`/gm)].map(([, path = '']) => path);
  const others = kitFiles(KIT).filter(
    ({ path }) => path !== 'README.md' && !/^(?:macos|linux)\/scripts\/|^windows\/detect/.test(path),
  );
  expect(others.filter(({ path }) => !named.some((one) => pattern(one).test(path)))).toEqual([]);
  expect(named.filter((one) => !others.some(({ path }) => pattern(one).test(path)))).toEqual([]);
});

test.each([
  'https://a"b.example',
  "https://a'b.example",
  'https://a`id`.example',
  'https://a$b.example',
  'https://a&b.example',
  'https://a;b.example',
  'https://a.example\nurl=x',
  'https://a%26b.example',
  'https://a.example/<x>',
])('attack: the address %j is refused, whatever a URL may hold', (origin) => {
  expect(() => kitFiles({ ...KIT, origin })).toThrow('--url must name the control plane by a host of letters');
});

test.each(['', '  ', 'a\nb', 'a\r\nb', 'a\u0000b', 'a\u2028b', 'a\u202eb', 'a\uffffb', 'a'.repeat(101)])(
  'attack: the organization %j is refused',
  (organization) => {
    expect(() => kitFiles({ ...KIT, organization })).toThrow('--organization must be one line');
  },
);

test.each(['http://localhost:8080', 'https://[2001:db8::1]', 'https://mcp_1.acme.example:8443'])(
  'the address %s goes in as it is',
  (origin) => {
    expect(JSON.parse(file('linux/managed.json', { ...KIT, origin }))).toEqual({ url: origin });
  },
);

test('attack: a name full of signs stays out of everything that is run', () => {
  const organization = `"; $(id) \`id\` %PATH% ' & <x>`;
  const scripts = kitFiles({ ...KIT, organization }).filter(({ path }) => /\.(?:sh|cmd|ps1)$|postinstall$/.test(path));
  expect(scripts.map(({ path }) => path)).toContain('windows/install.cmd');
  for (const { content } of scripts) expect(content.toString()).not.toContain('$(id)');
});
