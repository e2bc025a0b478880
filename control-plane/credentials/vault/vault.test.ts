import { afterEach, beforeEach, expect, test } from 'vitest';
import { StorageService } from '../../storage/storage.service.js';
import { onEachEngine } from '../../storage/testing/engines.js';
import { openTestStorage, type TestStorage } from '../../storage/testing/open-storage.js';
import { expiryNotes, listSecrets } from './secret-list.js';
import { openSecret, retireSecret, storeSecret } from './vault.js';

onEachEngine((engine) => {
  let database: TestStorage;
  let storage: StorageService;

  beforeEach(async () => {
    database = await openTestStorage(engine);
    storage = database.storage;
  });
  afterEach(() => database[Symbol.asyncDispose]());

  const REFUSED = /cannot be opened: its rows were altered or deleted/;
  const row = (name: string, version: number) =>
    storage.db
      .selectFrom('secrets')
      .selectAll()
      .where('name', '=', name)
      .where('version', '=', version)
      .executeTakeFirstOrThrow();

  test('each value is a new version, and the latest is read', async () => {
    expect(await storeSecret(storage, 'crm-key', 'first-value')).toBe(1);
    expect(await storeSecret(storage, 'crm-key', 'second-value')).toBe(2);
    expect(await storeSecret(storage, 'erp-key', 'other-value')).toBe(1);
    expect(await openSecret(storage, 'crm-key')).toBe('second-value');
    expect(await openSecret(storage, 'erp-key')).toBe('other-value');
  });

  test('no row ever holds the value', async () => {
    await storeSecret(storage, 'crm-key', 'plainly-visible-value');
    const { wrapped_key, sealed } = await row('crm-key', 1);
    for (const spelled of ['plainly-visible-value', Buffer.from('plainly-visible-value').toString('hex')]) {
      expect(Buffer.concat([wrapped_key, sealed]).includes(spelled)).toBe(false);
    }
  });

  test('several replicas that write at the same moment get versions of their own', async () => {
    const replicas = engine === 'postgres' ? [storage, await database.another()] : [storage];
    const values = ['a', 'b', 'c', 'd'];
    const versions = await Promise.all(
      values.map((value, turn) => storeSecret(replicas[turn % replicas.length]!, 'crm-key', value)),
    );
    expect(versions.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4]);
  });

  test('a secret that is not there says how to store it', async () => {
    await expect(openSecret(storage, 'nothing')).rejects.toMatchObject({
      message: 'there is no secret nothing in the store',
      fix: 'run: mcp-sso-control-plane secret set nothing',
    });
  });

  test('the row of another secret is refused', async () => {
    await storeSecret(storage, 'crm-key', 'crm-value');
    await storeSecret(storage, 'admin-key', 'admin-value');
    const { wrapped_key, sealed } = await row('admin-key', 1);
    await storage.db.updateTable('secrets').set({ wrapped_key, sealed }).where('name', '=', 'crm-key').execute();
    await expect(openSecret(storage, 'crm-key')).rejects.toThrow(REFUSED);
  });

  test('an old version replayed under a new number is refused', async () => {
    await storeSecret(storage, 'crm-key', 'leaked-value');
    await storeSecret(storage, 'crm-key', 'fresh-value');
    await storage.db
      .insertInto('secrets')
      .values({ ...(await row('crm-key', 1)), version: 3 })
      .execute();
    await expect(openSecret(storage, 'crm-key')).rejects.toThrow(REFUSED);
  });

  test('the value of one version under the key of another is refused', async () => {
    await storeSecret(storage, 'crm-key', 'leaked-value');
    await storeSecret(storage, 'crm-key', 'fresh-value');
    const old = await row('crm-key', 1);
    const latest = storage.db.updateTable('secrets').where('version', '=', 2);
    await latest.set({ sealed: old.sealed }).execute();
    await expect(openSecret(storage, 'crm-key')).rejects.toThrow(REFUSED);
    await latest.set({ wrapped_key: old.wrapped_key }).execute();
    await expect(openSecret(storage, 'crm-key')).rejects.toThrow(REFUSED);
  });

  test.each([0, 1, 12, 28, 30])('a row cut to %i bytes is refused', async (length) => {
    await storeSecret(storage, 'crm-key', 'crm-value');
    const { wrapped_key, sealed } = await row('crm-key', 1);
    const table = storage.db.updateTable('secrets');
    await table.set({ sealed: sealed.subarray(0, length) }).execute();
    await expect(openSecret(storage, 'crm-key')).rejects.toThrow(REFUSED);
    await table.set({ sealed, wrapped_key: wrapped_key.subarray(0, length) }).execute();
    await expect(openSecret(storage, 'crm-key')).rejects.toThrow(REFUSED);
  });

  test('the latest row, deleted, does not bring back the version before it', async () => {
    await storeSecret(storage, 'crm-key', 'leaked-value');
    await storeSecret(storage, 'crm-key', 'fresh-value');
    await storage.db.deleteFrom('secrets').where('version', '=', 2).execute();
    await expect(openSecret(storage, 'crm-key')).rejects.toThrow(REFUSED);
    expect(await storeSecret(storage, 'crm-key', 'newest-value')).toBe(3);
    expect(await openSecret(storage, 'crm-key')).toBe('newest-value');
  });

  test('without its mark, or with an older one or that of another secret, nothing is used until a new value is stored', async () => {
    await storeSecret(storage, 'crm-key', 'first-value');
    await storeSecret(storage, 'erp-key', 'other-value');
    const marks = storage.db.updateTable('secret_marks').where('name', '=', 'crm-key');
    const old = await storage.db.selectFrom('secret_marks').selectAll().orderBy('name').execute();
    await storeSecret(storage, 'crm-key', 'second-value');
    for (const { sealed } of old) {
      await marks.set({ sealed }).execute();
      await expect(openSecret(storage, 'crm-key')).rejects.toThrow(REFUSED);
    }
    await marks.set({ sealed: old[0]!.sealed.subarray(0, 20) }).execute();
    await expect(openSecret(storage, 'crm-key')).rejects.toThrow(REFUSED);
    await storage.db.deleteFrom('secret_marks').where('name', '=', 'crm-key').execute();
    await expect(openSecret(storage, 'crm-key')).rejects.toThrow(REFUSED);
    expect(await storeSecret(storage, 'crm-key', 'third-value')).toBe(3);
    await storage.db.deleteFrom('secrets').where('version', '=', 3).execute();
    await expect(openSecret(storage, 'crm-key')).rejects.toThrow(REFUSED);
  });

  test('with its mark and all its rows deleted a secret is not there: no other value, and none of before', async () => {
    await storeSecret(storage, 'crm-key', 'first-value');
    await storeSecret(storage, 'crm-key', 'second-value');
    await storeSecret(storage, 'erp-key', 'other-value');
    const rows = await Promise.all([row('crm-key', 1), row('crm-key', 2)]);
    await storage.db.deleteFrom('secret_marks').where('name', '=', 'crm-key').execute();
    await storage.db.deleteFrom('secrets').where('name', '=', 'crm-key').execute();
    await expect(openSecret(storage, 'crm-key')).rejects.toMatchObject({
      message: 'there is no secret crm-key in the store',
      fix: 'run: mcp-sso-control-plane secret set crm-key',
    });
    expect(await openSecret(storage, 'erp-key')).toBe('other-value');
    await storage.db.insertInto('secrets').values(rows).execute();
    await expect(openSecret(storage, 'crm-key')).rejects.toThrow(REFUSED);
  });

  test('a retired version is used no more, also when its row is put back', async () => {
    await storeSecret(storage, 'crm-key', 'good-value');
    await storeSecret(storage, 'crm-key', 'wrong-value');
    const wrong = await row('crm-key', 2);
    expect(await retireSecret(storage, 'crm-key', 2)).toEqual([2]);
    expect(await openSecret(storage, 'crm-key')).toBe('good-value');
    const { wrapped_key, sealed, retired_at } = await row('crm-key', 2);
    expect({ left: wrapped_key.length + sealed.length, dated: retired_at !== null }).toEqual({ left: 0, dated: true });
    await storage.db.updateTable('secrets').set(wrong).where('version', '=', 2).execute();
    expect(await openSecret(storage, 'crm-key')).toBe('good-value');
    expect(await retireSecret(storage, 'crm-key')).toEqual([1]);
    await expect(openSecret(storage, 'crm-key')).rejects.toMatchObject({
      message: 'every version of the secret crm-key was retired',
      fix: 'run: mcp-sso-control-plane secret set crm-key',
    });
    expect(await storeSecret(storage, 'crm-key', 'newest-value')).toBe(3);
    expect(await openSecret(storage, 'crm-key')).toBe('newest-value');
  });

  test('what is not there cannot be retired', async () => {
    await storeSecret(storage, 'crm-key', 'crm-value');
    await expect(retireSecret(storage, 'crm-key', 2)).rejects.toMatchObject({ code: 'usage' });
    await expect(retireSecret(storage, 'erp-key')).rejects.toThrow('There is no secret erp-key in the store.');
  });

  test('an expired secret is refused with its date, and a row that was given more time does not open', async () => {
    const end = Date.parse('2027-01-31T00:00:00Z');
    await storeSecret(storage, 'crm-key', 'crm-value', end);
    expect(await openSecret(storage, 'crm-key', end - 1)).toBe('crm-value');
    await expect(openSecret(storage, 'crm-key', end)).rejects.toThrow(
      'the stored secret crm-key (version 1) expired on 2027-01-31',
    );
    const table = storage.db.updateTable('secrets');
    await table.set({ expires_at: end * 2 }).execute();
    await expect(openSecret(storage, 'crm-key', end)).rejects.toThrow(REFUSED);
    await table.set({ expires_at: null }).execute();
    await expect(openSecret(storage, 'crm-key', end)).rejects.toThrow(REFUSED);
  });

  test('lists say what is stored and what expires soon, and never a value', async () => {
    const now = Date.now();
    await storeSecret(storage, 'crm-key', 'first-value', now + 86_400_000);
    await storeSecret(storage, 'erp-key', 'erp-value', now + 86_400_000);
    await storeSecret(storage, 'crm-key', 'second-value');
    const listed = await listSecrets(storage);
    expect(listed.map(({ name, version }) => `${name} ${version}`)).toEqual(['crm-key 1', 'crm-key 2', 'erp-key 1']);
    expect(JSON.stringify(listed)).not.toContain('-value');
    const day = new Date(now + 86_400_000).toISOString().slice(0, 10);
    expect(expiryNotes(listed, now)).toEqual([
      `The secret erp-key expires on ${day}: run mcp-sso-control-plane secret set erp-key.`,
    ]);
  });

  test('another master key opens nothing', async () => {
    await storeSecret(storage, 'crm-key', 'crm-value');
    const stranger = new StorageService(storage.db, Buffer.alloc(32, 2));
    await expect(openSecret(stranger, 'crm-key')).rejects.toThrow(REFUSED);
  });
});
