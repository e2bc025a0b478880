import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newDpopKey } from '../sign-in/dpop.js';
import { CredentialStore } from './credential-store.js';
import { FileBacking } from './file-backing.js';
import { KeyFile } from './key-file.js';
import { MemoryBacking } from './memory-backing.js';
import { destroyStores, openStore } from './open-store.js';
import type { SavedSignIn } from './saved-sign-in.js';

const SLOT = { origin: 'https://mcp.acme.example', client: 'mcp-bridge' };
const OTHER = { ...SLOT, client: 'mcp-sso-admin' };

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'credential-store-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = (): CredentialStore => new CredentialStore(new FileBacking(folder, new KeyFile(join(folder, 'key'))));

function signIn(refreshToken: string): SavedSignIn {
  const account = { person: 'usr_1', name: 'Alice', email: null };
  return { account, dpopKey: newDpopKey(), refreshToken, accessToken: 'access', issuedAt: 1, expiresAt: 2 };
}

describe.each([
  ['file', open],
  ['memory', () => new CredentialStore(new MemoryBacking())],
])('%s', (_kind, make) => {
  test('keeps each slot apart', async () => {
    const store = make();
    await store.put(SLOT, signIn('one'));
    await store.put(OTHER, signIn('two'));
    expect((await store.read(SLOT))?.refreshToken).toBe('one');
    expect((await store.read(OTHER))?.refreshToken).toBe('two');
    expect(await store.read({ ...SLOT, origin: 'https://evil.example' })).toBeUndefined();
    expect(await store.slots()).toEqual([SLOT, OTHER]);
  });

  test('removes and replaces only the sign-in that was meant', async () => {
    const store = make();
    await store.put(SLOT, signIn('new'));
    expect(await store.remove(SLOT, 'old')).toBe(false);
    expect(await store.replace(SLOT, signIn('other'), 'old')).toBe(false);
    expect((await store.read(SLOT))?.refreshToken).toBe('new');
    expect(await store.remove(SLOT, 'new')).toBe(true);
    expect(await store.replace(SLOT, signIn('back'), 'new')).toBe(false);
    expect(await store.read(SLOT)).toBeUndefined();
  });

  test('loses no change when many are made at once', async () => {
    const store = make();
    const slots = Array.from({ length: 8 }, (_, index) => ({ ...SLOT, origin: `https://${index}.example` }));
    await Promise.all(slots.map((slot) => store.put(slot, signIn('x'))));
    expect((await store.slots()).length).toBe(8);
  });

  test('its stamp changes with every save', async () => {
    const store = make();
    const before = await store.stamp();
    await store.put(SLOT, signIn('one'));
    expect(await store.stamp()).not.toBe(before);
  });
});

test('the file shows neither tokens nor key to others, and another process opens it', async () => {
  await open().put(SLOT, signIn('s3cret-refresh'));
  for (const name of ['sign-ins', 'sign-ins.lock', 'key'])
    expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
  const bytes = await readFile(join(folder, 'sign-ins'), 'latin1');
  expect(bytes).not.toContain('s3cret-refresh');
  expect(bytes).not.toContain('acme');
  expect((await open().read(SLOT))?.refreshToken).toBe('s3cret-refresh');
});

test.each([
  ['its last byte', (bytes: Buffer) => bytes.fill(bytes.at(-1)! ^ 1, bytes.length - 1)],
  [
    'its header',
    (bytes: Buffer) => Buffer.from(bytes.toString('latin1').replace('"version":1', '"version":1 '), 'latin1'),
  ],
  ['its end', (bytes: Buffer) => bytes.subarray(0, -3)],
  ['everything', () => Buffer.from('{"accounts":[]}')],
])('a file changed at %s is refused with the way out', async (_what, change) => {
  await open().put(SLOT, signIn('one'));
  const file = join(folder, 'sign-ins');
  await writeFile(file, change(await readFile(file)));
  await expect(open().read(SLOT)).rejects.toMatchObject({
    code: 'credential_store',
    message: expect.stringContaining('mcp-sso logout --all') as string,
  });
  await expect(open().put(SLOT, signIn('two'))).rejects.toMatchObject({ code: 'credential_store' });
});

test('the file of one person cannot be opened with the key of another', async () => {
  await open().put(SLOT, signIn('one'));
  await writeFile(join(folder, 'key'), Buffer.alloc(32, 7));
  await expect(open().read(SLOT)).rejects.toMatchObject({ code: 'credential_store' });
});

test.each([0o640, 0o604, 0o666])('a key file with mode %o is refused', async (mode) => {
  await open().put(SLOT, signIn('one'));
  await chmod(join(folder, 'key'), mode);
  await expect(open().read(SLOT)).rejects.toMatchObject({
    code: 'credential_store',
    message: expect.stringContaining('can be read by other users') as string,
  });
});

test('a key file that is a link is refused', async () => {
  await writeFile(join(folder, 'elsewhere'), Buffer.alloc(32, 7), { mode: 0o600 });
  await symlink(join(folder, 'elsewhere'), join(folder, 'key'));
  await expect(open().prepare()).rejects.toMatchObject({ code: 'credential_store' });
});

test('a folder that cannot be made is a fault of the store, with its reason', async () => {
  await writeFile(join(folder, 'file'), '');
  const state = join(folder, 'file', 'state');
  const store = new CredentialStore(new FileBacking(state, new KeyFile(join(state, 'key'))));
  await expect(store.prepare()).rejects.toMatchObject({ code: 'credential_store' });
});

test('a file that cannot be written is a fault of the store, with its reason', async () => {
  await mkdir(join(folder, 'sign-ins.lock'));
  await expect(open().put(SLOT, signIn('one'))).rejects.toMatchObject({ code: 'credential_store' });
  await rm(join(folder, 'sign-ins.lock'), { recursive: true });
  await open().prepare();
  const backing = new FileBacking(folder, new KeyFile(join(folder, 'key')));
  await mkdir(join(folder, 'sign-ins'));
  await expect(backing.save({})).rejects.toMatchObject({
    code: 'credential_store',
    message: expect.stringContaining('sign-ins cannot be written (EISDIR)') as string,
  });
  const paths = { config: folder, state: folder, cache: folder };
  await expect((await openStore(paths, 'file')).store.slots()).rejects.toMatchObject({ code: 'credential_store' });
});

test('logout --all leaves nothing, even of a damaged file', async () => {
  const paths = { config: folder, state: folder, cache: folder };
  const { store } = await openStore(paths, 'file');
  await store.put(SLOT, signIn('one'));
  await writeFile(join(folder, 'sign-ins'), 'damaged');
  expect(await destroyStores(paths)).toEqual([]);
  await expect(stat(join(folder, 'sign-ins'))).rejects.toMatchObject({ code: 'ENOENT' });
  await expect(stat(join(folder, 'key'))).rejects.toMatchObject({ code: 'ENOENT' });
  expect(await (await openStore(paths, 'file')).store.read(SLOT)).toBeUndefined();
});
