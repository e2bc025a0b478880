import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, generateKeyPairSync } from 'node:crypto';
import {
  copyFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT } from '../../demo/stack/root.js';
import { builtExecutable } from '../../demo/walk/executable.js';

const executable = basename(builtExecutable());
let folder: string;
let release: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'release-'));
  release = join(folder, 'release');
  const built = join(folder, 'built');
  mkdirSync(built);
  for (const name of [executable, `${executable}.cdx.json`]) copyFileSync(join(ROOT, 'dist', name), join(built, name));
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const key = join(folder, 'key.pem');
  writeFileSync(key, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(join(folder, 'public.pem'), publicKey.export({ type: 'spki', format: 'pem' }));
  const args = ['--key', key, '--from', built, '--out', release, '--url', 'https://get.example.com/mcp-sso'];
  execFileSync(process.execPath, [join(ROOT, 'cli/packaging/release.mjs'), ...args]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function install(bin: string, path = process.env['PATH'] ?? '') {
  const args = [join(release, 'install.sh'), '--dir', bin, '--from', release];
  return spawnSync('/bin/sh', args, { encoding: 'utf8', env: { HOME: folder, PATH: path }, timeout: 50_000 });
}

test('checksums of every file, signed as OpenSSL checks it', () => {
  const sums = readFileSync(join(release, 'SHA256SUMS'), 'utf8');
  expect(sums.match(/(?<= {2}).*$/gm)).toEqual([executable, `${executable}.cdx.json`, 'install.ps1', 'install.sh']);
  expect(() => execFileSync('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: release })).not.toThrow();
  const about = [
    '-pubin',
    '-inkey',
    join(folder, 'public.pem'),
    '-rawin',
    '-in',
    'SHA256SUMS',
    '-sigfile',
    'SHA256SUMS.sig',
  ];
  const said = execFileSync('openssl', ['pkeyutl', '-verify', ...about], { cwd: release, encoding: 'utf8' });
  expect(said).toBe('Signature Verified Successfully\n');
});

test('its installer knows the key, and installs the real executable', () => {
  const bin = join(folder, 'with openssl');
  expect(install(bin)).toMatchObject({ status: 0, stderr: '' });
  const { status, stdout } = spawnSync(join(bin, 'mcp-sso'), ['version', '--json'], {
    encoding: 'utf8',
    env: { HOME: folder },
  });
  expect({ status, said: JSON.parse(stdout) as unknown }).toEqual({
    status: 0,
    said: { version: /^mcp-sso-(.*?)-(?:linux|macos)-/.exec(executable)?.[1], executable: join(bin, 'mcp-sso') },
  });
});

test('where there is no OpenSSL, OpenSSH checks the signature', () => {
  const tools = toolsWithout('openssl');
  const bin = join(folder, 'with openssh');
  expect(install(bin, tools)).toMatchObject({ status: 0, stderr: '' });
  expect(statSync(join(bin, 'mcp-sso')).size).toBe(statSync(join(release, executable)).size);
  writeFileSync(join(release, 'SHA256SUMS'), `${readFileSync(join(release, 'SHA256SUMS'), 'utf8')}\n`);
  expect(install(bin, tools)).toMatchObject({ status: 1, stderr: expect.stringContaining('is wrong') as string });
});

/** A folder for PATH with every program of this machine but one. */
function toolsWithout(missing: string): string {
  const tools = join(folder, 'tools');
  mkdirSync(tools);
  for (const name of readdirSync('/usr/bin')) {
    if (name !== missing) symlinkSync(join('/usr/bin', name), join(tools, name));
  }
  return tools;
}

test('the same sources give the same bytes in another folder', { timeout: 300_000 }, () => {
  // Below dist, because files are linked there rather than copied.
  const elsewhere = mkdtempSync(join(ROOT, 'dist', '.elsewhere-'));
  try {
    for (const part of ['cli', 'shared', 'node_modules'])
      execFileSync('cp', ['-al', join(ROOT, part), join(elsewhere, part)]);
    for (const file of ['package.json', 'package-lock.json']) linkSync(join(ROOT, file), join(elsewhere, file));
    execFileSync(process.execPath, [join(elsewhere, 'cli/packaging/executable.mjs')], { stdio: 'pipe' });
    const hashes = [ROOT, elsewhere].map((root) => hashOf(join(root, 'dist', executable)));
    expect(hashes[1]).toBe(hashes[0]);
  } finally {
    rmSync(elsewhere, { recursive: true, force: true });
  }
});

test('the bill of materials names Node, the keychain module and what is in the bundle, and nothing of the control plane', () => {
  const bill = JSON.parse(readFileSync(join(ROOT, 'dist', `${executable}.cdx.json`), 'utf8')) as Bill;
  expect(bill).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.6' });
  expect(bill.metadata.component.hashes).toEqual([{ alg: 'SHA-256', content: hashOf(join(ROOT, 'dist', executable)) }]);
  const names = bill.components.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['commander', 'zod', 'openid-client']));
  expect(names.filter((name) => /^(node-|@napi-rs\/keyring-)/.test(name))).toHaveLength(2);
  expect(names.filter((name) => ['fastify', 'oidc-provider', 'better-sqlite3', 'vitest'].includes(name))).toEqual([]);
});

interface Bill {
  readonly metadata: { readonly component: { readonly hashes: unknown } };
  readonly components: readonly { readonly name: string }[];
}

function hashOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
