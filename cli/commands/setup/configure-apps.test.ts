import { lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AI_APPS } from '../../apps/registry.js';
import { configureApps } from './configure-apps.js';

const ENTRY = { command: '/opt/mcp-sso', args: ['bridge'] };
const COMPACT = '{"mcpServers":{"mine":{"command":"x","env":{"TOKEN":"ghp_secret"}}}}';

let home: string;
let file: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'setup-'));
  await mkdir(join(home, '.cursor'));
  file = join(home, '.cursor', 'mcp.json');
});
afterEach(() => rm(home, { recursive: true, force: true }));

async function configure(entry: typeof ENTRY | undefined, dryRun = false) {
  const paths = { config: join(home, 'c'), state: join(home, 's'), cache: join(home, 'k') };
  const app = AI_APPS.find(({ id }) => id === 'cursor')!;
  const context = { paths, now: () => new Date('2026-11-24T10:00:00.000Z') };
  const [result] = await configureApps(context, [{ app, file }], { entry, dryRun });
  return result!;
}

test('keeps a copy and the mode, changes nothing the second time, and an undo gives the very bytes back', async () => {
  await writeFile(file, COMPACT);
  await chmod(file, 0o660);
  const backup = `${file}.2026-11-24T10-00-00.000Z.backup`;
  expect(await configure(ENTRY)).toMatchObject({ change: 'added', backup });
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ mcpServers: { 'mcp-sso': ENTRY } });
  expect(await readFile(backup, 'utf8')).toBe(COMPACT);
  expect((await stat(file)).mode & 0o777).toBe(0o660);
  expect(await configure(ENTRY)).toMatchObject({ change: 'none' });
  expect(await configure({ ...ENTRY, command: '/new' })).toMatchObject({ change: 'corrected' });
  expect(await configure(undefined)).toMatchObject({ change: 'restored' });
  expect(await readFile(file, 'utf8')).toBe(COMPACT);
  expect(await readdir(join(home, '.cursor'))).toEqual(['mcp.json']);
});

test('a file that was not there goes again', async () => {
  expect(await configure(ENTRY)).toMatchObject({ change: 'added' });
  expect(await configure(undefined)).toMatchObject({ change: 'deleted' });
  expect(await readdir(join(home, '.cursor'))).toEqual([]);
});

test('an undo after others changed the file takes out the entry alone', async () => {
  await writeFile(file, COMPACT);
  await configure(ENTRY);
  await writeFile(file, (await readFile(file, 'utf8')).replace('"x"', '"y"'));
  expect(await configure(undefined)).toMatchObject({ change: 'removed' });
  expect(await readFile(file, 'utf8')).toBe(COMPACT.replace('"x"', '"y"'));
});

test('a dry run writes nothing', async () => {
  expect(await configure(ENTRY, true)).toMatchObject({ change: 'added' });
  expect(await readdir(home)).toEqual(['.cursor']);
});

test('a linked file stays a link', async () => {
  const target = join(home, 'dotfiles.json');
  await writeFile(target, '{}');
  await symlink(target, file);
  await configure(ENTRY);
  expect((await lstat(file)).isSymbolicLink()).toBe(true);
  expect(JSON.parse(await readFile(target, 'utf8'))).toEqual({ mcpServers: { 'mcp-sso': ENTRY } });
});

test.each([
  ['a link to nothing', 'it is a link to a file that is not there', () => symlink('/nowhere/at/all', file)],
  ['a device', 'it is not a file', () => symlink('/dev/null', file)],
  ['a folder', 'it is not a file', () => mkdir(file)],
  ['a read-only file', 'it is read-only', () => writeFile(file, '{}', { mode: 0o400 })],
  ['bytes that are no text', 'it is not UTF-8 text', () => writeFile(file, Buffer.from('{"a":"\xe9"}', 'latin1'))],
  ['a broken file', 'line 2 is not valid JSON', () => writeFile(file, '{\n  "a": x\n}')],
])('leaves %s as it is', async (_what, reason, prepare) => {
  await prepare();
  const { refused, change } = await configure(ENTRY);
  expect({ refused, change }).toEqual({
    change: 'none',
    refused: { code: 'config_invalid', message: expect.stringContaining(reason) as string },
  });
  expect(await readdir(join(home, '.cursor'))).toEqual(['mcp.json']);
});
