import { createPublicKey, generateKeyPairSync, type JsonWebKey, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import type { Kysely } from 'kysely';
import type { Database } from '../../storage/schema.js';
import type { StorageService } from '../../storage/storage.service.js';
import { writeTransaction } from '../../storage/write-transaction.js';

const PURPOSE = 'tokens';
const SEALED_FOR = 'signing-keys';

/** A private ES256 key as oidc-provider takes it. */
export interface SigningJwk extends JsonWebKey {
  readonly kid: string;
}

/** The keys that sign tokens, newest first; the first start makes one, and of several first starts one does. */
export async function loadSigningKeys(storage: StorageService): Promise<readonly SigningJwk[]> {
  return writeTransaction(storage.db, 'signing-keys', async (db) => {
    const existing = await readKeys(db, storage);
    if (existing.length > 0) return existing;
    await addKey(db, storage);
    return readKeys(db, storage);
  });
}

/** The public halves by `kid`, for checking our own access tokens. */
export function verificationKeys(keys: readonly SigningJwk[]): ReadonlyMap<string, KeyObject> {
  return new Map(
    keys.map(({ kid, kty, crv, x, y }) => [
      kid,
      createPublicKey({ key: { kty, crv, x, y } as JsonWebKey, format: 'jwk' }),
    ]),
  );
}

async function readKeys(db: Kysely<Database>, storage: StorageService): Promise<SigningJwk[]> {
  const rows = await db
    .selectFrom('signing_keys')
    .selectAll()
    .where('purpose', '=', PURPOSE)
    .orderBy('created_at', 'desc')
    .orderBy('kid')
    .execute();
  return rows.map((row) => {
    const plain = storage.open(SEALED_FOR, `${PURPOSE}/${row.kid}`, row.sealed_private_jwk).toString();
    return JSON.parse(plain) as SigningJwk;
  });
}

async function addKey(db: Kysely<Database>, storage: StorageService): Promise<void> {
  const jwk = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
  const kid = await calculateJwkThumbprint({ kty: jwk.kty ?? '', crv: jwk.crv ?? '', x: jwk.x ?? '', y: jwk.y ?? '' });
  const plain = Buffer.from(JSON.stringify({ ...jwk, kid, alg: 'ES256', use: 'sig' }));
  const sealed = storage.seal(SEALED_FOR, `${PURPOSE}/${kid}`, plain);
  await db
    .insertInto('signing_keys')
    .values({
      kid,
      purpose: PURPOSE,
      sealed_private_jwk: sealed,
      created_at: Date.now(),
      active_from: 0,
      retire_at: null,
    })
    .execute();
}
