import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { deriveKey, openWith, sealWith } from '../sealing.js';
import { SECRET_MARKS, openMark } from '../secret-marks.js';
import { onEachEngine } from '../testing/engines.js';
import { openTestStorage, type TestStorage } from '../testing/open-storage.js';
import { localKey } from './local-key.js';
import { openRootKey } from './open-root-key.js';
import { rewrapRootKey } from './rewrap-root-key.js';
import type { RootKey } from './root-key.js';

const key = Buffer.alloc(32, 7);
const another = Buffer.alloc(32, 8);
const REFUSAL =
  'masterKey: file:./master.key is not the key that this database was written with. Restore the right one from your backup; a new one cannot open what is stored.';
const ALTERED =
  'The database is damaged: its row of root_keys was altered, or belongs to another database. Restore the whole of it from a backup.';
const SET_BACK =
  'The database is damaged: root_keys was set back to an older row. Restore the whole of it from a backup.';

const kek = (bytes: Buffer) => localKey(bytes, 'masterKey: file:./master.key');

function open({ storage }: TestStorage, masterKey: Buffer, previous?: Buffer): Promise<RootKey> {
  return openRootKey(storage.db, keysOf(masterKey, previous));
}

function keysOf(masterKey: Buffer, previous?: Buffer) {
  return { current: kek(masterKey), ...(previous ? { previous: kek(previous) } : {}) };
}

function rewrap({ storage }: TestStorage, masterKey: Buffer, previous?: Buffer) {
  return rewrapRootKey(storage.db, keysOf(masterKey, previous));
}

async function addSigningKey({ storage: { db } }: TestStorage): Promise<void> {
  const jwk = Buffer.from(JSON.stringify(generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })));
  const sealed = sealWith(deriveKey(key, 'signing-keys'), 'audit/kid', jwk);
  const row = {
    kid: 'kid',
    purpose: 'audit',
    sealed_private_jwk: sealed,
    created_at: 1,
    active_from: 0,
    retire_at: null,
  };
  await db.insertInto('signing_keys').values(row).execute();
}

/** As a version without root keys has left it. */
async function leaveOldProof({ storage: { db } }: TestStorage): Promise<void> {
  const sealed_proof = sealWith(deriveKey(key, 'installation'), 'installation', Buffer.from('installation'));
  await db.insertInto('installation').values({ id: 'installation', sealed_proof, created_at: 1 }).execute();
}

async function rowOf({ storage: { db } }: TestStorage) {
  return db.selectFrom('root_keys').selectAll().executeTakeFirstOrThrow();
}

onEachEngine((engine) => {
  test('the first start makes a random key, which every start with this master key has', async () => {
    await using opened = await openTestStorage(engine);
    const { key: rootKey, generation } = await open(opened, key);
    expect({ generation, length: rootKey.length, same: rootKey.equals(key) }).toEqual({
      generation: 1,
      length: 32,
      same: false,
    });
    expect((await open(opened, key)).key.equals(rootKey)).toBe(true);
    await expect(open(opened, another)).rejects.toMatchObject({ code: 'config_invalid', message: REFUSAL });
    expect((await rowOf(opened)).wrapped.includes(rootKey)).toBe(false);
  });

  test('of two first starts with different keys, one is refused; with the same, both have one key', async () => {
    await using opened = await openTestStorage(engine);
    const starts = await Promise.allSettled([open(opened, key), open(opened, another)]);
    expect(starts.map(({ status }) => status).toSorted((a, b) => a.localeCompare(b))).toEqual([
      'fulfilled',
      'rejected',
    ]);
    await using second = await openTestStorage(engine);
    const [one, other] = await Promise.all([open(second, key), open(second, key)]);
    expect(one.key.equals(other.key)).toBe(true);
  });

  test('a database of a version without root keys goes on under its master key', async () => {
    await using opened = await openTestStorage(engine);
    await leaveOldProof(opened);
    await expect(open(opened, another)).rejects.toThrow(REFUSAL);
    for (let start = 0; start < 2; start += 1) {
      const { key: rootKey, generation } = await open(opened, key);
      expect({ generation, same: rootKey.equals(key) }).toEqual({ generation: 0, same: true });
    }
  });

  test('its secrets get marks once, and never again', async () => {
    await using opened = await openTestStorage(engine);
    await leaveOldProof(opened);
    const { db } = opened.storage;
    const row = { name: 'crm', wrapped_key: key, sealed: key, created_at: 1 };
    await db
      .insertInto('secrets')
      .values([
        { ...row, version: 1 },
        { ...row, version: 2 },
      ])
      .execute();
    await open(opened, key);
    const { sealed } = await db.selectFrom('secret_marks').selectAll().executeTakeFirstOrThrow();
    expect(openMark(deriveKey(key, SECRET_MARKS), 'crm', sealed)).toEqual({ latest: 2, retired: [] });
    await db.deleteFrom('secret_marks').execute();
    await open(opened, key);
    expect(await db.selectFrom('secret_marks').selectAll().execute()).toEqual([]);
  });

  test('a database without a proof is known by its signing keys', async () => {
    await using opened = await openTestStorage(engine);
    await addSigningKey(opened);
    await expect(open(opened, another)).rejects.toThrow(REFUSAL);
    await open(opened, key);
    await opened.storage.db.deleteFrom('signing_keys').execute();
    await expect(open(opened, another)).rejects.toThrow(REFUSAL);
  });

  test('one with neither, but with rows that a key has sealed, takes no new key', async () => {
    await using opened = await openTestStorage(engine);
    const row = { name: 'crm', version: 1, wrapped_key: key, sealed: key, created_at: 1 };
    await opened.storage.db.insertInto('secrets').values(row).execute();
    await expect(open(opened, key)).rejects.toThrow(
      'The database is damaged: secrets has rows, but the signing keys are missing. Restore the whole of it from a backup.',
    );
  });

  test('rotated, the same root key opens under the new key alone', async () => {
    await using opened = await openTestStorage(engine);
    const before = await open(opened, key);
    expect(await rewrap(opened, another, key)).toMatchObject({ generation: 2 });
    expect((await open(opened, another)).key.equals(before.key)).toBe(true);
    await expect(open(opened, key)).rejects.toThrow(REFUSAL);
    expect(await rewrap(opened, another)).toMatchObject({ generation: 3 });
    expect((await open(opened, another)).key.equals(before.key)).toBe(true);
  });

  test('the first rotation of an older database wraps the key that it was sealed under', async () => {
    await using opened = await openTestStorage(engine);
    await leaveOldProof(opened);
    await rewrap(opened, another, key);
    const { key: rootKey, generation } = await open(opened, another);
    expect({ generation, same: rootKey.equals(key) }).toEqual({ generation: 1, same: true });
  });

  test('of two rotations at the same moment, what is stored opens whichever came last', async () => {
    await using opened = await openTestStorage(engine);
    const { key: rootKey } = await open(opened, key);
    await Promise.allSettled([rewrap(opened, key), rewrap(opened, key)]);
    expect((await open(opened, key)).key.equals(rootKey)).toBe(true);
  });

  test('an edited proof is refused', async () => {
    await using opened = await openTestStorage(engine);
    await open(opened, key);
    await opened.storage.db
      .updateTable('installation')
      .set({ sealed_proof: Buffer.alloc(40) })
      .execute();
    await expect(open(opened, key)).rejects.toThrow(ALTERED);
  });

  test('a row that was cut is refused, wherever', async () => {
    await using opened = await openTestStorage(engine);
    await open(opened, key);
    const { wrapped } = await rowOf(opened);
    for (const length of [0, 1, 12, 28, 40, 67]) {
      await opened.storage.db
        .updateTable('root_keys')
        .set({ wrapped: wrapped.subarray(0, length) })
        .execute();
      await expect(open(opened, key)).rejects.toThrow(ALTERED);
    }
  });

  test('the row of another database that has the same master key is refused', async () => {
    await using opened = await openTestStorage(engine);
    await using other = await openTestStorage(engine);
    await Promise.all([open(opened, key), open(other, key)]);
    const { wrapped } = await rowOf(other);
    await opened.storage.db.updateTable('root_keys').set({ wrapped }).execute();
    await expect(open(opened, key)).rejects.toThrow(ALTERED);
  });

  test('an older row that is put back is refused, under its own number and under that of its successor', async () => {
    await using opened = await openTestStorage(engine);
    const { db } = opened.storage;
    await open(opened, key);
    const old = await rowOf(opened);
    await rewrap(opened, another, key);
    const { generation } = await rowOf(opened);
    await db.deleteFrom('root_keys').execute();
    await db.insertInto('root_keys').values(old).execute();
    await expect(open(opened, another, key)).rejects.toThrow(SET_BACK);
    await expect(open(opened, another)).rejects.toThrow(REFUSAL);
    await db.updateTable('root_keys').set({ generation }).execute();
    await expect(open(opened, another, key)).rejects.toThrow(ALTERED);
  });

  test('a row that says another key wrapped it is refused', async () => {
    await using opened = await openTestStorage(engine);
    await open(opened, key);
    await opened.storage.db
      .updateTable('root_keys')
      .set({ kek: kek(another).id })
      .execute();
    await expect(open(opened, key)).rejects.toThrow(REFUSAL);
    await expect(open(opened, another)).rejects.toThrow(ALTERED);
  });

  test('without its row, an older database does not fall back to the master key that its rotation replaced', async () => {
    await using opened = await openTestStorage(engine);
    await leaveOldProof(opened);
    await rewrap(opened, another, key);
    await opened.storage.db.deleteFrom('root_keys').execute();
    await expect(open(opened, key)).rejects.toThrow(SET_BACK);
    await expect(open(opened, another)).rejects.toThrow(REFUSAL);
  });

  test('what was sealed before the rotation opens after it', async () => {
    await using opened = await openTestStorage(engine);
    const before = await open(opened, key);
    const sealed = sealWith(deriveKey(before.key, 'vault'), 'row', Buffer.from('plain'));
    await rewrap(opened, another, key);
    const after = await open(opened, another);
    expect(openWith(deriveKey(after.key, 'vault'), 'row', sealed).toString()).toBe('plain');
  });
});
