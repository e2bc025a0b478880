import { lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { applyChange, configFiles, planChange } from './claude-desktop.js';

const ENTRY = { command: '/opt/mcp-sso/mcp-sso', args: ['bridge'] };
const NOW = new Date('2026-11-23T10:00:00.000Z');

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'claude-'));
  file = join(folder, 'claude_desktop_config.json');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const setup = async () => applyChange(await planChange(file, ENTRY), NOW);

test('makes the file where there is none', async () => {
  await setup();
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ mcpServers: { 'mcp-sso': ENTRY } });
});

test('keeps everything else, the order and the indentation, and a copy of the file as it was', async () => {
  const before =
    '{\n    "theme": "dark",\n    "mcpServers": {\n        "mine": {\n            "command": "x"\n        }\n    }\n}\n';
  await writeFile(file, before);
  const { backup } = await setup();
  expect(await readFile(file, 'utf8')).toBe(
    '{\n    "theme": "dark",\n    "mcpServers": {\n        "mine": {\n            "command": "x"\n        },\n' +
      '        "mcp-sso": {\n            "command": "/opt/mcp-sso/mcp-sso",\n            "args": [\n                "bridge"\n            ]\n        }\n    }\n}\n',
  );
  expect(backup).toBe(`${file}.2026-11-23T10-00-00.000Z.backup`);
  expect(await readFile(backup ?? '', 'utf8')).toBe(before);
});

test('changes nothing the second time, and takes its own entry out again', async () => {
  await writeFile(file, '{"mcpServers":{"mine":{"command":"x"}}}');
  await setup();
  expect((await setup()).changed).toBe(false);
  await applyChange(await planChange(file, undefined), NOW);
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ mcpServers: { mine: { command: 'x' } } });
  expect((await planChange(file, undefined)).changed).toBe(false);
});

test('replaces an entry of ours that points elsewhere', async () => {
  await writeFile(file, '{"mcpServers":{"mcp-sso":{"command":"/old","args":[]},"z":{}}}');
  await setup();
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ mcpServers: { 'mcp-sso': ENTRY, z: {} } });
});

test('reads a file that begins with a byte order mark, and an empty one', async () => {
  await writeFile(file, '\uFEFF{"theme":"dark"}');
  await setup();
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ theme: 'dark' });
  await writeFile(file, '');
  expect((await setup()).changed).toBe(true);
});

test.each([
  ['{\n  "mcpServers": {\n    "a": {},\n  }\n}\n', 'line 4 is not valid JSON'],
  ['{\n  "theme": "dark"\n', 'line 2 is not valid JSON'],
  [`{\n  "a": 'x',\n  "b": 1\n}\n`, 'left as it is: it is not valid JSON'],
  ['[]', 'it does not hold a JSON object'],
  ['{"mcpServers":[]}', 'its "mcpServers" is not an object'],
])('refuses %j and leaves it as it is', async (text, message) => {
  await writeFile(file, text);
  await expect(setup()).rejects.toMatchObject({
    code: 'config_invalid',
    message: expect.stringContaining(message) as string,
  });
  expect(await readFile(file, 'utf8')).toBe(text);
  expect(await readdir(folder)).toEqual(['claude_desktop_config.json']);
});

test('numbers stay as they were written, and line ends too', async () => {
  await writeFile(file, '{\r\n  "id": 12345678901234567890,\r\n  "scale": 1.0,\r\n  "mcpServers": {}\r\n}\r\n');
  await setup();
  await applyChange(await planChange(file, undefined), NOW);
  expect(await readFile(file, 'utf8')).toBe(
    '{\r\n  "id": 12345678901234567890,\r\n  "scale": 1.0,\r\n  "mcpServers": {}\r\n}\r\n',
  );
});

test('a file that is not UTF-8 is left as it is', async () => {
  await writeFile(file, Buffer.from('{"name":"\xe9"}', 'latin1'));
  await expect(setup()).rejects.toMatchObject({
    code: 'config_invalid',
    message: expect.stringContaining('it is not UTF-8 text') as string,
  });
});

test('a file that cannot be read or written says why', async () => {
  await mkdir(file);
  await expect(setup()).rejects.toMatchObject({
    code: 'config_invalid',
    message: expect.stringContaining('cannot be read (EISDIR)') as string,
  });
  await writeFile(join(folder, 'no-folder'), '');
  const change = { file: join(folder, 'no-folder', 'x'), changed: true, before: '', after: '{}', backup: undefined };
  await expect(applyChange(change, NOW)).rejects.toMatchObject({ code: 'config_invalid' });
});

test('a linked file stays a link', async () => {
  const target = join(folder, 'dotfiles.json');
  await writeFile(target, '{}');
  await symlink(target, file);
  await setup();
  expect((await lstat(file)).isSymbolicLink()).toBe(true);
  expect(JSON.parse(await readFile(target, 'utf8'))).toEqual({ mcpServers: { 'mcp-sso': ENTRY } });
});

test('finds both editions on Windows, and only the store edition where the other is not installed', async () => {
  const env = { APPDATA: join(folder, 'Roaming'), LOCALAPPDATA: join(folder, 'Local') };
  const store = join(folder, 'Local', 'Packages', 'Claude_pzs8sxrjxfjjc', 'LocalCache', 'Roaming', 'Claude');
  await mkdir(store, { recursive: true });
  const inStore = join(store, 'claude_desktop_config.json');
  expect(await configFiles('win32', env, folder)).toEqual([inStore]);
  await mkdir(join(folder, 'Roaming', 'Claude'), { recursive: true });
  const classic = join(folder, 'Roaming', 'Claude', 'claude_desktop_config.json');
  expect(await configFiles('win32', env, folder)).toEqual([classic, inStore]);
});

test('finds the file on macOS and Linux', async () => {
  expect(await configFiles('darwin', {}, '/Users/a')).toEqual([
    '/Users/a/Library/Application Support/Claude/claude_desktop_config.json',
  ]);
  expect(await configFiles('linux', {}, '/home/a')).toEqual(['/home/a/.config/Claude/claude_desktop_config.json']);
});
