import { generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import type { Kysely } from 'kysely';
import type { Database } from '../../storage/schema.js';
import type { StorageService } from '../../storage/storage.service.js';

const PURPOSE = 'tokens';
const SEALED_FOR = 'signing-keys';

/** A private ES256 key as oidc-provider takes it. */
export interface SigningJwk extends JsonWebKey {
  readonly kid: string;
}

/** A key for tokens and its times, in epoch milliseconds. */
export interface TokenKey {
  readonly jwk: SigningJwk;
  /** From when it signs; until then it is only published. */
  readonly activeFrom: number;
  /** From when nothing that it signed is accepted; null while no other key follows it. */
  readonly retireAt: number | null;
}

/** Every key that is stored, the one that signs last first. */
export async function readTokenKeys(db: Kysely<Database>, storage: StorageService): Promise<TokenKey[]> {
  const rows = await db
    .selectFrom('signing_keys')
    .selectAll()
    .where('purpose', '=', PURPOSE)
    .orderBy('active_from', 'desc')
    .orderBy('created_at', 'desc')
    .orderBy('kid')
    .execute();
  return rows.map((row) => {
    const plain = storage.open(SEALED_FOR, `${PURPOSE}/${row.kid}`, row.sealed_private_jwk).toString();
    return {
      jwk: JSON.parse(plain) as SigningJwk,
      // Keys of the time before there were rotations have signed since they were made.
      activeFrom: Math.max(row.active_from, row.created_at),
      retireAt: row.retire_at,
    };
  });
}

/** Makes and stores a key that signs from `activeFrom` on. Resolves to its id, the JWK thumbprint (RFC 7638). */
export async function addTokenKey(
  db: Kysely<Database>,
  storage: StorageService,
  { now, activeFrom }: { readonly now: number; readonly activeFrom: number },
): Promise<string> {
  const jwk = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
  const kid = await calculateJwkThumbprint({ kty: jwk.kty ?? '', crv: jwk.crv ?? '', x: jwk.x ?? '', y: jwk.y ?? '' });
  const plain = Buffer.from(JSON.stringify({ ...jwk, kid, alg: 'ES256', use: 'sig' }));
  const sealed_private_jwk = storage.seal(SEALED_FOR, `${PURPOSE}/${kid}`, plain);
  await db
    .insertInto('signing_keys')
    .values({ kid, purpose: PURPOSE, sealed_private_jwk, created_at: now, active_from: activeFrom, retire_at: null })
    .execute();
  return kid;
}

/** Every key that has no end yet gets this one. */
export async function retireTokenKeys(db: Kysely<Database>, retireAt: number): Promise<void> {
  await db
    .updateTable('signing_keys')
    .set({ retire_at: retireAt })
    .where('purpose', '=', PURPOSE)
    .where('retire_at', 'is', null)
    .execute();
}

/** Keys whose time is over, or all: what they signed is refused, and nobody can sign with them any more. */
export async function deleteTokenKeys(db: Kysely<Database>, which: { readonly retiredBy: number } | 'all') {
  const all = db.deleteFrom('signing_keys').where('purpose', '=', PURPOSE);
  await (which === 'all' ? all : all.where('retire_at', '<=', which.retiredBy)).execute();
}
