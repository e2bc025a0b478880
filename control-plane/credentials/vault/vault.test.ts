import { afterEach, beforeEach, expect, test } from 'vitest';
import { StorageService } from '../../storage/storage.service.js';
import { onEachEngine } from '../../storage/testing/engines.js';
import { openTestStorage, type TestStorage } from '../../storage/testing/open-storage.js';
import { openSecret, storeSecret } from './vault.js';

onEachEngine((engine) => {
  let database: TestStorage;
  let storage: StorageService;

  beforeEach(async () => {
    database = await openTestStorage(engine);
    storage = database.storage;
  });
  afterEach(() => database[Symbol.asyncDispose]());

  const REFUSED = /cannot be opened: its row was altered, or the master key is another/;
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

  test('another master key opens nothing', async () => {
    await storeSecret(storage, 'crm-key', 'crm-value');
    const stranger = new StorageService(storage.db, Buffer.alloc(32, 2));
    await expect(openSecret(stranger, 'crm-key')).rejects.toThrow(REFUSED);
  });
});
