import { chmod, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CommandContext } from '../commands/context.js';
import { resolveSettings } from './settings.js';
import { readUserConfig, saveUserConfig } from './user-config.js';

const OWNER = process.getuid?.() ?? 0;

let folder: string;
let managedFile: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'settings-'));
  await mkdir(join(folder, 'etc'), { mode: 0o755 });
  managedFile = join(folder, 'etc', 'managed.json');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const paths = () => ({ config: join(folder, 'config'), state: folder, cache: folder });

function context(parts: { url?: string; env?: Record<string, string> } = {}): CommandContext {
  return {
    stdout: () => undefined,
    stderr: () => undefined,
    env: parts.env ?? {},
    json: false,
    interactive: false,
    openBrowser: false,
    now: () => new Date(0),
    paths: paths(),
    ...(parts.url === undefined ? {} : { url: parts.url }),
  };
}

const managed = (settings: object): Promise<void> => writeFile(managedFile, JSON.stringify(settings), { mode: 0o644 });
const resolve = (parts: Parameters<typeof context>[0] = {}, credentialStore?: string) =>
  resolveSettings(context(parts), { credentialStore, managed: { file: managedFile, owner: OWNER } });

test('nothing is set where nobody set anything', async () => {
  expect(await resolve()).toEqual({ url: undefined, credentialStore: undefined, trusted: [] });
});

test('the flag goes before the environment, the environment before the person’s file', async () => {
  await saveUserConfig(paths(), { url: 'https://file.example' });
  const env = { MCP_SSO_URL: 'https://env.example' };
  expect((await resolve()).url).toMatchObject({
    value: 'https://file.example',
    setBy: join(folder, 'config', 'config.json'),
  });
  expect((await resolve({ env })).url).toMatchObject({ value: 'https://env.example', setBy: 'MCP_SSO_URL' });
  expect((await resolve({ env, url: 'https://flag.example' })).url).toMatchObject({
    value: 'https://flag.example',
    setBy: '--url',
  });
});

test('managed settings win over all, and say whom they overruled', async () => {
  await managed({ url: 'https://managed.example', credentialStore: 'keychain' });
  await saveUserConfig(paths(), { url: 'https://file.example', credentialStore: 'file' });
  const settings = await resolve(
    { url: 'https://flag.example', env: { MCP_SSO_URL: 'https://env.example' } },
    'memory',
  );
  expect(settings.url).toEqual({
    value: 'https://managed.example',
    setBy: managedFile,
    overrules: ['--url', 'MCP_SSO_URL'],
  });
  expect(settings.credentialStore).toMatchObject({ value: 'keychain', overrules: ['--credential-store'] });
});

test('overridable managed settings yield to flag and environment, but not to the person’s file', async () => {
  await managed({ url: 'https://managed.example', overridable: ['url'] });
  await saveUserConfig(paths(), { url: 'https://file.example' });
  expect((await resolve({ url: 'https://flag.example' })).url?.value).toBe('https://flag.example');
  expect((await resolve()).url?.value).toBe('https://managed.example');
});

test('only managed settings and earlier logins make an origin trusted', async () => {
  await managed({ url: 'https://managed.example', overridable: ['url'] });
  await saveUserConfig(paths(), { name: 'https://named.example' });
  const settings = await resolve({ url: 'https://flag.example', env: { MCP_SSO_URL: 'https://env.example' } });
  expect(settings.trusted).toEqual(['https://managed.example', 'https://named.example']);
});

test.each([
  ['writable by others', () => chmod(managedFile, 0o666)],
  ['writable by its group', () => chmod(managedFile, 0o664)],
  ['in a folder that others can write', () => chmod(join(folder, 'etc'), 0o777)],
  [
    'a link',
    async () => {
      await rm(managedFile);
      await writeFile(join(folder, 'elsewhere.json'), '{"url":"https://evil.example"}');
      await symlink(join(folder, 'elsewhere.json'), managedFile);
    },
  ],
])('a managed file that is %s is refused, not skipped', async (_what, spoil) => {
  await managed({ url: 'https://managed.example' });
  await spoil();
  await expect(resolve()).rejects.toMatchObject({ code: 'config_invalid' });
});

test('a managed file of another owner is refused', async () => {
  await managed({ url: 'https://managed.example' });
  const options = { managed: { file: managedFile, owner: OWNER + 1 } };
  await expect(resolveSettings(context(), options)).rejects.toMatchObject({ code: 'config_invalid' });
});

test.each([
  ['{', 'is not valid JSON'],
  ['[]', 'must hold a JSON object'],
  ['{"urls":"https://a.example"}', 'unknown key "urls"'],
  ['{"url":7}', '"url" must be a URL'],
  ['{"credentialStore":"disk"}', '"credentialStore" must be keychain, file or memory'],
  ['{"url":"http://a.example"}', 'must start with https://'],
])('a managed file that says %s is refused', async (text, message) => {
  await writeFile(managedFile, text, { mode: 0o644 });
  await expect(resolve()).rejects.toMatchObject({
    code: 'config_invalid',
    message: expect.stringContaining(message) as string,
  });
});

test.skipIf(OWNER === 0)('a managed file that this person cannot read is refused', async () => {
  await managed({ url: 'https://managed.example' });
  await chmod(managedFile, 0o200);
  await expect(resolve()).rejects.toMatchObject({ code: 'config_invalid' });
});

test('settings of the person that cannot be read or written say why', async () => {
  await mkdir(join(folder, 'config', 'config.json'), { recursive: true });
  await expect(resolve()).rejects.toMatchObject({
    code: 'config_invalid',
    message: expect.stringContaining('config.json cannot be read (EISDIR)') as string,
  });
  const file = join(folder, 'link');
  await symlink(file, file);
  const save = saveUserConfig({ ...paths(), config: file }, { url: 'https://one.example' });
  await expect(save).rejects.toMatchObject({ code: 'config_invalid' });
});

test.each([
  'http://mcp.example',
  'ftp://mcp.example',
  'mcp.example',
  'https://user:pw@mcp.example',
  'https://mcp.example/path',
  'https://mcp.example?x=1',
  'javascript:alert(1)',
])('the address %s is refused', async (url) => {
  await expect(resolve({ url })).rejects.toMatchObject({ code: 'config_invalid' });
});

test.each([
  ['https://MCP.example:443/', 'https://mcp.example'],
  ['http://127.0.0.1:8700', 'http://127.0.0.1:8700'],
  ['http://localhost:8700', 'http://localhost:8700'],
  ['http://[::1]:8700', 'http://[::1]:8700'],
])('the address %s means %s', async (url, origin) => {
  expect((await resolve({ url })).url?.value).toBe(origin);
});

test('an unknown kind of store is wrong use', async () => {
  await expect(resolve({}, 'disk')).rejects.toMatchObject({ code: 'usage' });
});

test('the person’s file keeps what it had, remembers origins once, and is closed to others', async () => {
  await saveUserConfig(paths(), { url: 'https://one.example', credentialStore: 'file' });
  await saveUserConfig(paths(), { name: 'https://two.example' });
  await saveUserConfig(paths(), { name: 'https://one.example' });
  expect(await readUserConfig(paths())).toEqual({
    url: 'https://one.example',
    credentialStore: 'file',
    named: ['https://one.example', 'https://two.example'],
  });
  expect((await stat(join(folder, 'config', 'config.json'))).mode & 0o777).toBe(0o600);
});
