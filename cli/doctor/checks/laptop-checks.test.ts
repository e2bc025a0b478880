import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Found } from '../finding.js';
import { judgeBridges } from './bridges.js';
import { judgeKeychain } from './credential-store.js';
import { judgeDisk, judgeFolder } from './folders.js';
import { firstOnPath, judgeProgram } from './program.js';
import { judgeSettings } from './settings.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'doctor-checks-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const names = (all: readonly Found[]): string[] => all.map(({ fault, state }) => fault ?? state);
const url = { value: 'https://mcp.acme.example', setBy: '/etc/mcp-sso/managed.json', overrules: ['--url'] };

test('settings: who set what, and who asked in vain', () => {
  const credentialStore = { value: 'file' as const, setBy: '--credential-store', overrules: [] };
  const found = judgeSettings({ url, credentialStore, trusted: ['https://mcp.acme.example'] });
  expect(found.map(({ detail }) => detail)).toEqual([
    'The control plane is https://mcp.acme.example (set by /etc/mcp-sso/managed.json), sign-ins in file (set by --credential-store).',
    '--url asks for another control plane in vain: /etc/mcp-sso/managed.json sets it, and lets nobody override it.',
  ]);
});

test('settings: no control plane, and one that nobody has named', () => {
  expect(names(judgeSettings({ url: undefined, credentialStore: undefined, trusted: [] }))).toEqual([
    'no_control_plane',
  ]);
  const unnamed = judgeSettings({ url: { ...url, overrules: [] }, credentialStore: undefined, trusted: [] });
  expect(names(unnamed)).toEqual(['ok', 'control_plane_unnamed']);
  expect(unnamed[1]?.fix).toEqual({ command: 'mcp-sso login --url https://mcp.acme.example' });
});

test('program: another one on the PATH, a link to this one, and a space on Windows', () => {
  const [here, there] = [join(folder, 'here'), join(folder, 'there')];
  for (const place of [here, there]) mkdirSync(place);
  const file = join(here, 'mcp-sso');
  for (const place of [file, join(there, 'not-it')]) writeFileSync(place, '', { mode: 0o755 });
  expect(firstOnPath(`.:${there}:${here}`, 'linux')).toBe(file);
  const facts = { command: [file] as [string], file, version: '0.1.0', platform: 'linux' as const };
  expect(names(judgeProgram({ ...facts, onPath: file }))).toEqual(['ok']);
  symlinkSync(file, join(there, 'mcp-sso'));
  expect(names(judgeProgram({ ...facts, onPath: join(there, 'mcp-sso') }))).toEqual(['ok']);
  rmSync(join(there, 'mcp-sso'));
  writeFileSync(join(there, 'mcp-sso'), '', { mode: 0o755 });
  expect(names(judgeProgram({ ...facts, onPath: firstOnPath(`${there}:${here}`, 'linux') }))).toEqual([
    'ok',
    'another_on_path',
  ]);
  chmodSync(join(there, 'mcp-sso'), 0o644);
  expect(firstOnPath(there, 'linux')).toBeUndefined();
  const windows = { ...facts, command: ['C:\\Program Files\\mcp-sso.exe'] as [string], platform: 'win32' as const };
  expect(names(judgeProgram({ ...windows, onPath: undefined }))).toEqual(['ok', 'path_with_space']);
});

test('keychain: each answer of the probe', () => {
  expect((['usable', 'missing', 'locked', 'hanging'] as const).map((probed) => judgeKeychain(probed)?.fault)).toEqual([
    undefined,
    'keychain_missing',
    'keychain_locked',
    'keychain_hanging',
  ]);
});

test('state folder: whose it is, who may look in, where it is, and whether there is room', () => {
  const own = statSync(folder);
  expect(judgeFolder(folder, { uid: own.uid, mode: 0o40700 }, 'linux', own.uid)).toEqual([]);
  expect(names(judgeFolder(folder, { uid: own.uid + 1, mode: 0o40700 }, 'linux', own.uid))).toEqual(['folder_foreign']);
  const open = judgeFolder(folder, { uid: own.uid, mode: 0o40755 }, 'linux', own.uid);
  expect(open.map(({ fix }) => fix)).toEqual([{ command: `chmod 700 "${folder}"` }]);
  expect(names(judgeFolder(folder, { uid: 0, mode: 0o40777 }, 'win32', undefined))).toEqual([]);
  expect(names(judgeDisk(folder, { type: 0x6969, bavail: 10, bsize: 4096 }, 'linux'))).toEqual([
    'folder_remote',
    'disk_full',
  ]);
  expect(judgeDisk(folder, { type: 0x6969, bavail: 1e6, bsize: 4096 }, 'darwin')).toEqual([]);
});

test('bridges: one whose app is gone, and one that was replaced', () => {
  const found = judgeBridges([
    { pid: 11, parent: 'systemd', replaced: false },
    { pid: 12, parent: 'claude', replaced: true },
    { pid: 13, parent: 'claude', replaced: false },
  ]);
  expect(found.map(({ fault, fix }) => [fault, fix])).toEqual([
    ['bridge_orphaned', { command: 'kill 11' }],
    ['bridge_replaced', { person: 'you', task: 'Restart the AI app that started it.' }],
  ]);
  expect(judgeBridges([])[0]?.detail).toBe('No bridges run.');
});
