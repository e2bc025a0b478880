import { expect, it } from 'vitest';
import { parseDocument } from '../documents/parse-document.js';
import { readDeclarations } from '../documents/read-declarations.js';
import { members, type ConfigPlace } from '../sources/place.js';
import { classifyServer } from './classify-server.js';

const PLACE: ConfigPlace = {
  app: 'cursor',
  title: 'Cursor',
  file: '/home/alice/.cursor/mcp.json',
  format: 'jsonc',
  layouts: [members('mcpServers')],
  scope: 'user',
};

function classify(entry: object, controlPlanes: readonly string[] = []) {
  const text = JSON.stringify({ mcpServers: { it: entry } });
  const [declaration] = readDeclarations(parseDocument(text, 'jsonc'), PLACE.layouts);
  return classifyServer(declaration!, { place: PLACE, account: 'alice' }, controlPlanes);
}

it('shows all that is known of a server, and nothing of its secrets', () => {
  const entry = {
    command: 'docker',
    args: ['run', '-i', '--rm', '-p', '8080:80', '-e', 'PASSWORD=hunter2', 'ghcr.io/acme/docs:1.2', '--mode', 'quiet'],
    env: { LOG: 'debug' },
  };
  expect(classify(entry)).toEqual({
    name: 'it',
    app: 'cursor',
    appTitle: 'Cursor',
    scope: 'user',
    account: 'alice',
    file: '/home/alice/.cursor/mcp.json',
    line: 1,
    enabled: true,
    transport: 'stdio',
    command: 'docker',
    args: ['run', '-i', '--rm', '-p', null, '-e', null, 'ghcr.io/acme/docs:1.2', '--mode', null],
    package: { registry: 'oci', name: 'ghcr.io/acme/docs', version: '1.2', pinned: false },
    url: null,
    bind: '0.0.0.0',
    env: ['LOG', 'PASSWORD'],
    headers: [],
    secrets: [{ kind: 'named', in: 'argument', count: 1 }],
    behind: null,
    problems: ['plaintext-secret', 'bound-to-every-address', 'unpinned-package', 'not-behind-mcp-sso'],
  });
});

it.each([
  [{ command: 'npx', args: ['-y', 'pkg@^1.0.0'] }, ['npm', 'pkg', '^1.0.0', false]],
  [{ command: 'npx', args: ['--package', '@a/b@1.0.0', 'run-it'] }, ['npm', '@a/b', '1.0.0', true]],
  [{ command: 'C:\\Program Files\\nodejs\\npx.cmd', args: ['-p=pkg@1.0.0'] }, ['npm', 'pkg', '1.0.0', true]],
  [{ command: 'npx -y pkg@1.0.0' }, ['npm', 'pkg', '1.0.0', true]],
  [{ command: 'pnpm', args: ['dlx', 'pkg'] }, ['npm', 'pkg', null, false]],
  [{ command: 'uvx', args: ['--python', '3.12', 'pkg[cli]==2.0.1'] }, ['pypi', 'pkg', '2.0.1', true]],
  [{ command: 'uvx', args: ['pkg@2.0'] }, ['pypi', 'pkg', '2.0', true]],
  [{ command: 'uv', args: ['tool', 'run', 'pkg>=2'] }, ['pypi', 'pkg', '>=2', false]],
  [
    { command: 'uvx', args: ['--from', 'git+https://me:secret@github.com/a/b@main', 'b'] },
    ['git', 'https://github.com/a/b', 'main', false],
  ],
  [
    { command: 'podman', args: ['run', `img@sha256:${'a'.repeat(64)}`] },
    ['oci', 'img', `sha256:${'a'.repeat(64)}`, true],
  ],
])('reads the package of %j', (entry, [registry, name, version, pinned]) => {
  expect(classify(entry).package).toEqual({ registry, name, version, pinned });
});

it.each([
  [{ command: '/opt/mcp-sso/mcp-sso', args: ['bridge', '--server', 'crm'] }, 'bridge'],
  [{ command: 'C:\\Tools\\mcp-sso.exe', args: [] }, 'bridge'],
  [{ command: '/opt/mcp-sso-0.1.0-linux-x64', args: ['bridge'] }, 'bridge'],
  [{ command: 'npx', args: ['mcp-remote', 'https://mcp.acme.example/mcp'] }, 'gateway'],
  [{ url: 'https://mcp.acme.example/mcp' }, 'gateway'],
  [{ url: 'https://mcp.acme.example.evil/mcp' }, null],
  [{ url: 'https://mcp.acme.example/mcpx' }, null],
  [{ command: '/tmp/mcp-sso-helper', args: ['bridge'] }, null],
  [{ command: 'node', args: ['mcp-sso', 'bridge'] }, null],
])('%j is behind: %s', (entry, behind) => {
  expect(classify(entry, ['https://mcp.acme.example']).behind).toBe(behind);
});

it.each([
  ['https://user:pw@a.example/mcp?key=1#x', 'https://a.example/mcp'],
  ['https://a.example/s/8f14e45fceea167a5a36dedd4bea2543/mcp', 'https://a.example/s/…/mcp'],
  ['http://[::1]:3000/mcp', 'http://[::1]:3000/mcp'],
  ['${HOST}/mcp', '(not an address)'],
])('shows the address %s as %s', (url, shown) => {
  expect(classify({ url }).url).toBe(shown);
});
