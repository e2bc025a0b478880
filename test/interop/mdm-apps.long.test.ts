import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kitFiles } from '../../cli/packaging/mdm/kit-files.js';
import { isProgramMissing } from '../support/program-missing.js';

const PEERS = join(import.meta.dirname, '..', 'peers', 'node_modules', '@anthropic-ai');
const CLAUDE = join(PEERS, `claude-code-linux-${process.arch}`, 'claude');
const MCPB = join(PEERS, 'mcpb', 'dist', 'cli', 'cli.js');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mdm-apps-'));
  const kit = {
    origin: 'https://mcp.acme.example',
    organization: `Acme "&' <b>`,
    version: '1.2.3',
    overridable: false,
  };
  for (const { path, content } of kitFiles(kit)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** With a system folder of its own and without a network; the person has a server of their own. */
function claude(args: readonly string[], managed: boolean): { readonly status: number | null; readonly said: string } {
  const home = mkdtempSync(join(folder, 'home-'));
  const own = { mcpServers: { other: { type: 'stdio', command: '/usr/bin/true', args: [] } } };
  writeFileSync(join(home, '.claude.json'), JSON.stringify(own));
  const system = managed ? ['--ro-bind', join(folder, 'claude-code', 'linux'), '/etc/claude-code'] : [];
  const mounts = ['--ro-bind', '/usr', '/usr', '--symlink', 'usr/lib', '/lib', '--symlink', 'usr/lib64', '/lib64'];
  const more = [
    '--symlink',
    'usr/bin',
    '/bin',
    '--proc',
    '/proc',
    '--dev',
    '/dev',
    '--tmpfs',
    '/tmp',
    '--tmpfs',
    '/etc',
  ];
  const env = ['--clearenv', '--setenv', 'HOME', '/home', '--setenv', 'PATH', '/usr/bin', '--chdir', '/home'];
  const box = [...mounts, ...more, ...system, '--ro-bind', CLAUDE, '/claude', '--bind', home, '/home', ...env];
  const options = { encoding: 'utf8' as const, input: '', timeout: 60_000 };
  const ran = spawnSync('bwrap', [...box, '--unshare-all', '--die-with-parent', '/claude', ...args], options);
  return { status: ran.status, said: ran.stdout + ran.stderr };
}

describe.skipIf(isProgramMissing('bwrap'))('Claude Code under our managed-mcp.json', () => {
  test('without it the person’s own server is listed', () => {
    expect(claude(['mcp', 'list'], false).said).toContain('other: /usr/bin/true');
  });

  test('it shows only our server', () => {
    const { status, said } = claude(['mcp', 'list'], true);
    expect(status).toBe(0);
    expect(said.match(/^\S+: /gm)).toEqual(['mcp-sso: ']);
    expect(said).toContain('mcp-sso: /usr/local/bin/mcp-sso bridge');
  });

  test('attack: nobody adds another', () => {
    const { status, said } = claude(['mcp', 'add', 'evil', '--', '/usr/bin/true'], true);
    expect(status).toBe(1);
    expect(said).toContain('exclusive control');
  });
});

describe('MCPB bundles', () => {
  test.each([
    ['linux', 'mcp-sso'],
    ['macos', 'mcp-sso'],
    ['windows', 'mcp-sso.exe'],
  ])('%s: validated and packed by the tool of its authors', (system, program) => {
    const bundle = join(folder, 'mcpb', system);
    mkdirSync(join(bundle, 'server'));
    cpSync('/bin/true', join(bundle, 'server', program));
    for (const args of [
      ['validate', join(bundle, 'manifest.json')],
      ['pack', bundle, `${bundle}.mcpb`],
    ]) {
      const { status, stdout, stderr } = spawnSync(process.execPath, [MCPB, ...args], {
        encoding: 'utf8',
        timeout: 60_000,
      });
      expect({ status, said: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, said: '' });
    }
  });
});
