import { mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CommandContext } from '../context.js';
import { writeKit } from './mdm.js';

let folder: string;
let said: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kit-'));
  said = '';
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const context = (parts: Partial<CommandContext> = {}): CommandContext => ({
  stdout: (text) => (said += text),
  stderr: () => undefined,
  env: {},
  json: true,
  interactive: false,
  openBrowser: false,
  now: () => new Date(0),
  paths: { config: folder, state: folder, cache: folder },
  url: 'https://MCP.acme.example/',
  ...parts,
});
const write = (parts: Partial<CommandContext> = {}, out = join(folder, 'kit')) =>
  writeKit(context(parts), { out, organization: 'Acme' });

test('writes the files that it names, with the address in its plain form', async () => {
  expect(await write()).toBe(0);
  const { written } = JSON.parse(said) as { written: string[] };
  for (const path of written) expect((await stat(path)).isFile()).toBe(true);
  const settings = await readFile(join(folder, 'kit', 'linux', 'managed.json'), 'utf8');
  expect(JSON.parse(settings)).toEqual({ url: 'https://mcp.acme.example' });
  expect((await stat(join(folder, 'kit', 'macos', 'uninstall.sh'))).mode & 0o777).toBe(0o755);
});

test('an empty folder is taken, any other is not, nor a link', async () => {
  await mkdir(join(folder, 'kit'));
  expect(await write()).toBe(0);
  await expect(write()).rejects.toMatchObject({ code: 'usage' });
  await mkdir(join(folder, 'elsewhere'));
  await symlink(join(folder, 'elsewhere'), join(folder, 'link'));
  await expect(write({}, join(folder, 'link'))).rejects.toMatchObject({ code: 'usage' });
  await writeFile(join(folder, 'file'), '');
  await expect(write({}, join(folder, 'file'))).rejects.toMatchObject({ code: 'usage' });
  expect(await readdir(join(folder, 'elsewhere'))).toEqual([]);
});

test.each([
  [{ url: 'http://mcp.acme.example' }, 'must start with https://'],
  [{ url: 'https://mcp.acme.example/path' }, 'without a path'],
  [{ url: `https://a'b.example` }, 'host of letters'],
  [{ credentialStore: 'vault' }, '--credential-store must be'],
])('refuses %j and writes nothing', async (parts, message) => {
  await expect(write(parts)).rejects.toThrow(message);
  expect(await readdir(folder)).toEqual([]);
});

test('asks for the address', async () => {
  const { url: _, ...without } = context();
  await expect(writeKit(without, { out: join(folder, 'kit'), organization: 'Acme' })).rejects.toThrow(
    'Name the control',
  );
});
