import { createPrivateKey, generateKeyPairSync, type JsonWebKey, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import type { Kysely } from 'kysely';
import type { Database, SigningKeysTable } from '../storage/schema.js';
import type { StorageService } from '../storage/storage.service.js';

const PURPOSE = 'audit';

export interface SigningKey {
  /** JWK thumbprint (RFC 7638). */
  readonly kid: string;
  readonly privateKey: KeyObject;
}

export async function findSigningKey(db: Kysely<Database>, storage: StorageService): Promise<SigningKey | undefined> {
  const row = await db
    .selectFrom('signing_keys')
    .selectAll()
    .where('purpose', '=', PURPOSE)
    .orderBy('created_at', 'desc')
    .executeTakeFirst();
  if (!row) return undefined;
  const jwk = storage.open('signing-keys', `${PURPOSE}/${row.kid}`, row.sealed_private_jwk);
  return {
    kid: row.kid,
    privateKey: createPrivateKey({ key: JSON.parse(jwk.toString()) as JsonWebKey, format: 'jwk' }),
  };
}

export async function generateSigningKey(): Promise<SigningKey> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const { x = '' } = privateKey.export({ format: 'jwk' });
  return { kid: await calculateJwkThumbprint({ kty: 'OKP', crv: 'Ed25519', x }), privateKey };
}

/** The row that keeps the log's key, sealed. `now`: epoch milliseconds. */
export function signingKeyRow(storage: StorageService, { kid, privateKey }: SigningKey, now: number): SigningKeysTable {
  const jwk = Buffer.from(JSON.stringify(privateKey.export({ format: 'jwk' })));
  return {
    kid,
    purpose: PURPOSE,
    sealed_private_jwk: storage.seal('signing-keys', `${PURPOSE}/${kid}`, jwk),
    created_at: now,
    active_from: now,
    retire_at: null,
  };
}
