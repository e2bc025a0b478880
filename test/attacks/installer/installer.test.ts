import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newReleaser, program, writeRelease, type Release } from './release-folder.js';

const SCRIPT = join(import.meta.dirname, '../../../install.sh');
const releaser = newReleaser();
const installed = (name: string): boolean => spawnSync('sh', ['-c', `command -v ${name}`]).status === 0;

let folder: string;
let key: string;
/** Versions 1.2.0 and 1.10.0, never changed. */
let older: Release;
let newer: Release;
/** Where it is installed, with 1.2.0 in it. */
let bin: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'installer '));
  key = join(folder, 'key.pem');
  writeFileSync(key, releaser.publicPem);
  older = writeRelease(join(folder, 'release 1.2.0'), releaser, '1.2.0');
  newer = writeRelease(join(folder, 'release 1.10.0'), releaser, '1.10.0');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  bin = mkdtempSync(join(folder, 'bin '));
  const { status, stderr } = install({ from: older.folder });
  if (status !== 0) throw new Error(stderr);
});

interface Options {
  readonly from?: string;
  readonly args?: readonly string[];
  readonly path?: string;
  readonly shell?: readonly [string, ...string[]];
}

function install({ from, args = [], path = process.env['PATH'] ?? '', shell = ['sh'] }: Options) {
  const [interpreter, ...first] = shell;
  const source = from === undefined ? [] : ['--from', from, '--public-key', key];
  return spawnSync(interpreter, [...first, SCRIPT, '--dir', bin, ...source, ...args], {
    encoding: 'utf8',
    env: { HOME: folder, PATH: path },
    timeout: 30_000,
  });
}

const target = (): string => join(bin, 'mcp-sso');

/** A copy of the newer release, to be spoiled. */
function copyOfNewer(): string {
  const copy = mkdtempSync(join(folder, 'spoiled '));
  cpSync(newer.folder, copy, { recursive: true });
  return copy;
}

/** Nothing but the program of 1.2.0, whole. */
function expectUntouched(): void {
  expect(readdirSync(bin)).toEqual(['mcp-sso']);
  expect(readFileSync(target(), 'utf8')).toBe(program('1.2.0'));
}

describe('what is not the release is not installed', () => {
  test.each<[string, string, (copy: string) => void]>([
    ['a changed executable', 'is not what SHA256SUMS names', (copy) => appendFileSync(join(copy, newer.name), '#')],
    [
      'half an executable',
      'is not what SHA256SUMS names',
      (copy) => writeFileSync(join(copy, newer.name), '#!/bin/sh'),
    ],
    [
      'changed checksums',
      'The signature of SHA256SUMS is wrong',
      (copy) => appendFileSync(join(copy, 'SHA256SUMS'), '\n'),
    ],
    ['no signature', 'SHA256SUMS.sig is missing', (copy) => rmSync(join(copy, 'SHA256SUMS.sig'))],
    ['no checksums', 'SHA256SUMS is missing', (copy) => rmSync(join(copy, 'SHA256SUMS'))],
    [
      'an empty signature',
      'The signature of SHA256SUMS is wrong',
      (copy) => writeFileSync(join(copy, 'SHA256SUMS.sig'), ''),
    ],
    [
      'the signature of another release',
      'The signature of SHA256SUMS is wrong',
      (copy) => cpSync(join(older.folder, 'SHA256SUMS.sig'), join(copy, 'SHA256SUMS.sig')),
    ],
    [
      'a release that somebody else signed',
      'The signature of SHA256SUMS is wrong',
      (copy) => void writeRelease(copy, newReleaser(), '1.10.0'),
    ],
  ])('%s', (_, says, spoil) => {
    const copy = copyOfNewer();
    spoil(copy);
    const { status, stderr } = install({ from: copy });
    expect(stderr).toContain(says);
    expect(status).toBe(1);
    expectUntouched();
  });

  test('a signed executable that says another version', () => {
    const { folder: wrong } = writeRelease(join(folder, 'release that lies'), releaser, '1.10.0', '1.1.0');
    expect(install({ from: wrong }).stderr).toContain('says that it is version 1.1.0');
    expectUntouched();
  });

  test('a signed executable under another name', () => {
    const copy = copyOfNewer();
    cpSync(join(copy, newer.name), join(copy, 'mcp-sso'));
    expect(install({ from: join(copy, 'mcp-sso') }).stderr).toContain(
      `names ${newer.name} for this computer, not mcp-sso`,
    );
    expectUntouched();
  });

  test('anything, where no key is given, or the key is not of Ed25519', () => {
    expect(install({ args: ['--from', newer.folder] }).stderr).toContain('This copy has no key to check releases with');
    const rsa = join(folder, 'rsa.pem');
    const pair = execFileSync('openssl', ['genrsa', '2048'], { stdio: ['ignore', 'pipe', 'ignore'] });
    writeFileSync(rsa, execFileSync('openssl', ['rsa', '-pubout'], { input: pair, stdio: ['pipe', 'pipe', 'ignore'] }));
    const { stderr } = install({ args: ['--from', newer.folder, '--public-key', rsa] });
    expect(stderr).toContain('The key is not an Ed25519 public key');
    expectUntouched();
  });

  test('anything, where no program can check the signature', () => {
    const tools = join(folder, 'tools');
    mkdirSync(tools, { recursive: true });
    for (const tool of [
      'basename',
      'chmod',
      'cp',
      'dirname',
      'env',
      'find',
      'grep',
      'id',
      'mkdir',
      'mktemp',
      'rm',
      'uname',
    ])
      if (!existsSync(join(tools, tool)))
        symlinkSync(execFileSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).trim(), join(tools, tool));
    const { status, stderr } = install({ from: newer.folder, path: tools, shell: ['/bin/sh'] });
    expect(stderr).toContain('The signature cannot be checked: that takes OpenSSL 3.0 or newer, or ssh-keygen');
    expect(status).toBe(1);
    expectUntouched();
  });
});

test('an older version replaces a newer one only where that is asked for', () => {
  expect(install({ from: newer.folder }).status).toBe(0);
  expect(install({ from: older.folder }).stderr).toContain('Version 1.10.0 is installed, and 1.2.0 is older.');
  expect(readFileSync(target(), 'utf8')).toBe(program('1.10.0'));
  expect(install({ from: older.folder, args: ['--allow-downgrade'] }).status).toBe(0);
  expectUntouched();
});

test('a link in the place of the executable is refused, and what it leads to stays as it is', () => {
  const victim = join(folder, 'victim');
  writeFileSync(victim, 'mine');
  rmSync(target());
  symlinkSync(victim, target());
  for (const run of [install({ from: newer.folder }), install({ args: ['--uninstall'] })]) {
    expect(run).toMatchObject({ status: 1, stderr: expect.stringContaining('is a symbolic link') as string });
  }
  expect(readFileSync(victim, 'utf8')).toBe('mine');
});

test.each([['sh'], ['dash'], ['bash', '--posix'], ['busybox', 'sh']] as [string, ...string[]][])(
  'upgrades and uninstalls under %s, whatever the umask',
  (...shell) => {
    if (!installed(shell[0])) throw new Error(`${shell[0]} is not installed; run: apt-get install -y ${shell[0]}`);
    const before = statSync(target()).ino;
    const { status, stdout } = install({
      from: join(newer.folder, newer.name),
      shell: ['sh', '-c', 'umask 000; exec "$@"', '-', ...shell],
    });
    expect({ status, stdout }).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('mcp-sso 1.10.0 is at ') as string,
    });
    expect(statSync(target()).mode & 0o7777).toBe(0o755);
    // Another file: a bridge that runs keeps the one it was started from.
    expect(statSync(target()).ino).not.toBe(before);
    expect(install({ args: ['--uninstall'], shell })).toMatchObject({ status: 0, stderr: '' });
    expect(readdirSync(bin)).toEqual([]);
  },
);

test('an installation that is killed during the download leaves the old one whole, and the next one succeeds', async () => {
  const body = readFileSync(join(newer.folder, newer.name));
  const halfSent = Promise.withResolvers<void>();
  let cut = true;
  const server = createServer((request, response) => {
    const name = decodeURIComponent(request.url ?? '').slice(1);
    if (name !== newer.name || !cut) {
      response.end(readFileSync(join(newer.folder, name)));
    } else {
      response.writeHead(200, { 'content-length': body.length });
      response.write(body.subarray(0, body.length / 2), () => halfSent.resolve());
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const args = [SCRIPT, '--dir', bin, '--release', url, '--public-key', key];
  const env = { HOME: folder, PATH: process.env['PATH'] ?? '' };
  const run = spawn('sh', args, { env, stdio: 'ignore', detached: true });
  await halfSent.promise;
  process.kill(-run.pid!, 'SIGKILL');
  await once(run, 'exit');
  expect(readFileSync(target(), 'utf8')).toBe(program('1.2.0'));
  expect(execFileSync(target(), ['version'], { encoding: 'utf8' })).toBe('1.2.0\n');
  cut = false;
  const again = spawn('sh', args, { env, stdio: 'ignore' });
  const [code] = (await once(again, 'exit')) as [number];
  server.closeAllConnections();
  server.close();
  expect(code).toBe(0);
  expect(readFileSync(target(), 'utf8')).toBe(program('1.10.0'));
});

test('refuses what it does not know, in one sentence', () => {
  expect(install({ args: ['--frobnicate'] })).toMatchObject({
    status: 2,
    stderr: 'install.sh: Unknown argument: --frobnicate. Run with --help to see what there is.\n',
  });
  expect(install({ args: ['--release', 'http://example.com/'] }).stderr).toContain('is not an https address');
  expectUntouched();
});

test('passes shellcheck', () => {
  if (!installed('shellcheck')) throw new Error('shellcheck is not installed; run: apt-get install -y shellcheck');
  expect(spawnSync('shellcheck', [SCRIPT], { encoding: 'utf8' })).toMatchObject({ status: 0, stdout: '' });
});

test.runIf(process.getuid?.() === 0)('installs for the computer only as root', () => {
  chmodSync(folder, 0o755);
  const nobody = ['setpriv', '--reuid', '65534', '--clear-groups', 'sh'] as const;
  const { status, stderr } = install({ from: newer.folder, args: ['--system'], shell: [...nobody] });
  expect({ status, stderr }).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('--system needs root') as string,
  });
  expectUntouched();
});
