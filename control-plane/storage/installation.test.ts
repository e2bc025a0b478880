import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { checkMasterKey } from './installation.js';
import { deriveKey, sealWith } from './sealing.js';
import { onEachEngine } from './testing/engines.js';
import { openTestStorage, type TestStorage } from './testing/open-storage.js';

const key = Buffer.alloc(32, 7);
const another = Buffer.alloc(32, 8);
const REFUSAL =
  'masterKey: file:./master.key is not the key that this database was written with. Restore the right one from your backup; a new one cannot open what is stored.';

async function check({ storage }: TestStorage, masterKey: Buffer): Promise<void> {
  await checkMasterKey(storage.db, masterKey, 'file:./master.key');
}

/** What a version without proofs has left. */
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

onEachEngine((engine) => {
  test('the key of the first start is the key of every start', async () => {
    await using opened = await openTestStorage(engine);
    await check(opened, key);
    await check(opened, key);
    await expect(check(opened, another)).rejects.toMatchObject({ code: 'config_invalid', message: REFUSAL });
    await check(opened, key);
  });

  test('of two first starts with different keys, one is refused', async () => {
    await using opened = await openTestStorage(engine);
    const starts = await Promise.allSettled([check(opened, key), check(opened, another)]);
    expect(starts.map(({ status }) => status).toSorted((a, b) => a.localeCompare(b))).toEqual([
      'fulfilled',
      'rejected',
    ]);
  });

  test('a database without a proof is known by its signing keys', async () => {
    await using opened = await openTestStorage(engine);
    await addSigningKey(opened);
    await expect(check(opened, another)).rejects.toThrow(REFUSAL);
    await check(opened, key);
    await opened.storage.db.deleteFrom('signing_keys').execute();
    await expect(check(opened, another)).rejects.toThrow(REFUSAL);
  });

  test('one with neither, but with rows that a key has sealed, takes no new key', async () => {
    await using opened = await openTestStorage(engine);
    const row = { name: 'crm', version: 1, wrapped_key: key, sealed: key, created_at: 1 };
    await opened.storage.db.insertInto('secrets').values(row).execute();
    await expect(check(opened, key)).rejects.toThrow(
      'The database is damaged: secrets has rows, but the signing keys are missing. Restore the whole of it from a backup.',
    );
  });

  test('an edited proof is refused', async () => {
    await using opened = await openTestStorage(engine);
    await check(opened, key);
    await opened.storage.db
      .updateTable('installation')
      .set({ sealed_proof: Buffer.alloc(40) })
      .execute();
    await expect(check(opened, key)).rejects.toThrow(REFUSAL);
  });
});
