import { sql, type Kysely } from 'kysely';
import { CodedError } from '#shared/errors.js';
import { deriveKey, openWith } from '../sealing.js';
import type { Database } from '../schema.js';
import type { KeyEncryptionKeys } from './key-encryption-key.js';
import { anotherKey, nothingWrapped, setBack } from './refusals.js';
import type { RootKey } from './root-key.js';
import { openProof } from './root-key-state.js';

const SIGNING_KEYS = 'signing-keys';
/** Rows here without anything that proves their key are the rest of a damaged database. */
const SEALED_TABLES = ['secrets', 'sessions', 'audit_subject_keys', 'audit_records'] as const;

/**
 * The key of a database without a row of `root_keys`: the master key itself, where versions before that wrote it.
 * Undefined for a new database.
 */
export async function legacyKey(
  db: Kysely<Database>,
  proof: Buffer | undefined,
  keys: KeyEncryptionKeys,
): Promise<RootKey | undefined> {
  const opens = proof === undefined ? await bySigningKeys(db) : byProof(proof);
  if (opens === undefined) return undefined;
  const by = [keys.current, keys.previous].find((key) => key?.direct !== undefined && opens(key.direct));
  if (by?.direct !== undefined) return { key: by.direct, generation: 0, by };
  throw keys.current.direct === undefined ? nothingWrapped(keys.current) : anotherKey(keys.current);
}

type Opens = (key: Buffer) => boolean;

function byProof(proof: Buffer): Opens {
  return (key) => {
    const proven = openProof(key, proof);
    if (proven !== undefined && proven.generation > 0) throw setBack();
    return proven !== undefined;
  };
}

/** What versions without a proof have sealed, and every database that was ever used has. */
async function bySigningKeys(db: Kysely<Database>): Promise<Opens | undefined> {
  const row = await db.selectFrom('signing_keys').selectAll().executeTakeFirst();
  if (row === undefined) {
    await refuseRest(db);
    return undefined;
  }
  return (key) => {
    try {
      openWith(deriveKey(key, SIGNING_KEYS), `${row.purpose}/${row.kid}`, row.sealed_private_jwk);
      return true;
    } catch {
      return false;
    }
  };
}

async function refuseRest(db: Kysely<Database>): Promise<void> {
  for (const table of SEALED_TABLES) {
    const row = await db.selectFrom(table).select(sql.lit(1).as('one')).limit(1).executeTakeFirst();
    if (!row) continue;
    throw new CodedError('config_invalid', {
      message: `The database is damaged: ${table} has rows, but the signing keys are missing. Restore the whole of it from a backup.`,
    });
  }
}
