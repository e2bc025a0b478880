import { randomBytes } from 'node:crypto';
import { sql, type Kysely } from 'kysely';
import { CodedError } from '#shared/errors.js';
import { SecretUnreadable } from '../../config/secret-reference.js';
import type { Database } from '../schema.js';
import { adoptSecretMarks } from '../secret-marks.js';
import { writeTransaction } from '../write-transaction.js';
import type { KeyEncryptionKeys } from './key-encryption-key.js';
import { legacyKey } from './legacy-key.js';
import { anotherKey, damaged, notOfThese, setBack, unasked } from './refusals.js';
import type { RootKey } from './root-key.js';
import { framed, openProof, readState, sealProof, unframed, type RootKeyState } from './root-key-state.js';

/** Three rotations in the moment of one start are none of ours. */
const ATTEMPTS = 3;

/**
 * The root key of a database, by the keys of the settings; the first start makes it. Always writes, so that a database
 * that takes no writes is noticed before anyone is served.
 * @throws CodedError config_invalid where no key of the settings opens it, where that cannot be asked, and where the
 * row was altered or is an older one.
 */
export async function openRootKey(db: Kysely<Database>, keys: KeyEncryptionKeys): Promise<RootKey> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const state = await readState(db);
    const found = await keyOf(db, state, keys);
    // No key service is asked inside of a transaction.
    const first = state.row === undefined && found.generation > 0 ? await firstWrapping(found) : undefined;
    const isConfirmed = await writeTransaction(db, 'installation', (connection) =>
      confirmed(connection, state, { ...found, first }),
    );
    if (isConfirmed) return found;
  }
  throw new CodedError('config_invalid', {
    message: 'masterKey: its rotation does not come to an end. Start again once rotate-keys --master-key is done.',
  });
}

async function keyOf(db: Kysely<Database>, { row, proof }: RootKeyState, keys: KeyEncryptionKeys): Promise<RootKey> {
  if (row !== undefined) return await unwrapped(row, keys);
  const legacy = await legacyKey(db, proof, keys);
  return legacy ?? { key: randomBytes(32), generation: 1, by: keys.current };
}

async function unwrapped(row: NonNullable<RootKeyState['row']>, keys: KeyEncryptionKeys): Promise<RootKey> {
  const by = [keys.current, keys.previous].find((key) => key?.id === row.kek);
  if (by === undefined) throw notOfThese(row.kek, keys.current);
  const plain = await by.unwrap(row.wrapped).catch((error: unknown) => {
    throw error instanceof SecretUnreadable ? unasked(by, error) : damaged();
  });
  const key = unframed(row.generation, plain);
  plain.fill(0);
  if (key === undefined) throw damaged();
  return { key, generation: row.generation, by };
}

/** Of a key that is made here. */
async function firstWrapping({ key, generation, by }: RootKey): Promise<Buffer> {
  return await by.wrap(framed(generation, key)).catch((error: unknown) => {
    throw error instanceof SecretUnreadable ? unasked(by, error) : error;
  });
}

interface FoundKey extends RootKey {
  /** How a key that is made here will be stored. */
  readonly first: Buffer | undefined;
}

/** Whether the database still says what was read before; a first key is stored here. */
async function confirmed(db: Kysely<Database>, before: RootKeyState, found: FoundKey): Promise<boolean> {
  const { row, proof } = await readState(db);
  if (row?.generation !== before.row?.generation) return false;
  if ((before.proof === undefined) !== (proof === undefined)) return false;
  if (proof === undefined) {
    if (row !== undefined) throw damaged();
    await storeFirst(db, found);
    return true;
  }
  const { key, generation, by } = found;
  const proven = openProof(key, proof);
  if (proven === undefined) throw row === undefined ? anotherKey(by) : damaged();
  if (proven.generation !== generation) throw setBack();
  if (!proven.adopted) await adopt(db, key);
  await db
    .updateTable('installation')
    .set({ created_at: sql.ref('created_at') })
    .execute();
  return true;
}

async function storeFirst(db: Kysely<Database>, { key, generation, by, first }: FoundKey): Promise<void> {
  const now = Date.now();
  if (first !== undefined) {
    const times = { created_at: now, rewrapped_at: now };
    await db
      .insertInto('root_keys')
      .values({ generation, kek: by.id, wrapped: first, ...times })
      .execute();
  }
  await adoptSecretMarks(db, key);
  const sealed_proof = sealProof(key, generation);
  await db.insertInto('installation').values({ id: 'installation', sealed_proof, created_at: now }).execute();
}

/** A version before this one kept no marks: from here on a secret without one was tampered with. */
async function adopt(db: Kysely<Database>, key: Buffer): Promise<void> {
  await adoptSecretMarks(db, key);
  await db
    .updateTable('installation')
    .set({ sealed_proof: sealProof(key, 0) })
    .execute();
}
