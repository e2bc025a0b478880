import { generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import type { Kysely } from 'kysely';
import type { Database } from '../../storage/schema.js';
import type { StorageService } from '../../storage/storage.service.js';

const SEALED_FOR = 'signing-keys';

/** What a key signs: our own access tokens, or what we say of people to MCP servers. No key is ever used for both. */
export type KeyPurpose = 'tokens' | 'assertions';
export const KEY_PURPOSES: readonly KeyPurpose[] = ['tokens', 'assertions'];

/** A private ES256 key as oidc-provider takes it. */
export interface SigningJwk extends JsonWebKey {
  readonly kid: string;
}

/** A key and its times, in epoch milliseconds. */
export interface StoredKey {
  readonly jwk: SigningJwk;
  /** From when it signs; until then it is only published. */
  readonly activeFrom: number;
  /** From when nothing that it signed is accepted; null while no other key follows it. */
  readonly retireAt: number | null;
}

/** Every key that is stored for a purpose, the one that signs last first. */
export async function readKeys(
  db: Kysely<Database>,
  storage: StorageService,
  purpose: KeyPurpose,
): Promise<StoredKey[]> {
  const rows = await db
    .selectFrom('signing_keys')
    .selectAll()
    .where('purpose', '=', purpose)
    .orderBy('active_from', 'desc')
    .orderBy('created_at', 'desc')
    .orderBy('kid')
    .execute();
  return rows.map((row) => {
    const plain = storage.open(SEALED_FOR, `${purpose}/${row.kid}`, row.sealed_private_jwk).toString();
    return {
      jwk: JSON.parse(plain) as SigningJwk,
      // Keys of the time before there were rotations have signed since they were made.
      activeFrom: Math.max(row.active_from, row.created_at),
      retireAt: row.retire_at,
    };
  });
}

/** Makes and stores a key that signs from `activeFrom` on. Resolves to its id, the JWK thumbprint (RFC 7638). */
export async function addKey(
  db: Kysely<Database>,
  storage: StorageService,
  { purpose, now, activeFrom }: { readonly purpose: KeyPurpose; readonly now: number; readonly activeFrom: number },
): Promise<string> {
  const jwk = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
  const kid = await calculateJwkThumbprint({ kty: jwk.kty ?? '', crv: jwk.crv ?? '', x: jwk.x ?? '', y: jwk.y ?? '' });
  const plain = Buffer.from(JSON.stringify({ ...jwk, kid, alg: 'ES256', use: 'sig' }));
  const sealed_private_jwk = storage.seal(SEALED_FOR, `${purpose}/${kid}`, plain);
  await db
    .insertInto('signing_keys')
    .values({ kid, purpose, sealed_private_jwk, created_at: now, active_from: activeFrom, retire_at: null })
    .execute();
  return kid;
}

/** Every key that has no end yet gets this one. */
export async function retireKeys(db: Kysely<Database>, purpose: KeyPurpose, retireAt: number): Promise<void> {
  await db
    .updateTable('signing_keys')
    .set({ retire_at: retireAt })
    .where('purpose', '=', purpose)
    .where('retire_at', 'is', null)
    .execute();
}

/** Keys whose time is over, or all: what they signed is refused, and nobody can sign with them any more. */
export async function deleteKeys(
  db: Kysely<Database>,
  purpose: KeyPurpose,
  which: { readonly retiredBy: number } | 'all',
): Promise<void> {
  const all = db.deleteFrom('signing_keys').where('purpose', '=', purpose);
  await (which === 'all' ? all : all.where('retire_at', '<=', which.retiredBy)).execute();
}
