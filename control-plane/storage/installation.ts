import { sql, type Kysely } from 'kysely';
import { CodedError } from '#shared/errors.js';
import { deriveKey, openWith, sealWith } from './sealing.js';
import type { Database } from './schema.js';
import { writeTransaction } from './write-transaction.js';

const ID = 'installation';
/** What older versions have sealed, and every database that was ever used has. */
const SIGNING_KEYS = 'signing-keys';
/** Rows here without anything that proves their key are the rest of a damaged database. */
const SEALED_TABLES = ['secrets', 'sessions', 'audit_subject_keys', 'audit_records'] as const;

/**
 * Makes sure that the database belongs to this master key: the first start leaves a proof sealed under it, each later one
 * opens that. Always writes, so that a database that takes no writes is noticed before anyone is served.
 * `source` is the setting that names the key (`file:PATH` or `env:NAME`).
 * @throws CodedError config_invalid where the key is another one.
 */
export async function checkMasterKey(db: Kysely<Database>, masterKey: Buffer, source: string): Promise<void> {
  await writeTransaction(db, 'installation', async (connection) => {
    const proof = await connection.selectFrom('installation').selectAll().where('id', '=', ID).executeTakeFirst();
    if (!proof) return leaveProof(connection, masterKey, source);
    if (!opens(masterKey, ID, ID, proof.sealed_proof)) throw anotherKey(source);
    await connection
      .updateTable('installation')
      .set({ created_at: sql.ref('created_at') })
      .execute();
  });
}

async function leaveProof(db: Kysely<Database>, masterKey: Buffer, source: string): Promise<void> {
  const key = await db.selectFrom('signing_keys').selectAll().executeTakeFirst();
  if (key && !opens(masterKey, SIGNING_KEYS, `${key.purpose}/${key.kid}`, key.sealed_private_jwk)) {
    throw anotherKey(source);
  }
  if (!key) await refuseRest(db);
  const sealed_proof = sealWith(deriveKey(masterKey, ID), ID, Buffer.from(ID));
  await db.insertInto('installation').values({ id: ID, sealed_proof, created_at: Date.now() }).execute();
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

function opens(masterKey: Buffer, purpose: string, boundTo: string, sealed: Buffer): boolean {
  try {
    openWith(deriveKey(masterKey, purpose), boundTo, sealed);
    return true;
  } catch {
    return false;
  }
}

function anotherKey(source: string): CodedError {
  return new CodedError('config_invalid', {
    message: `masterKey: ${source} is not the key that this database was written with. Restore the right one from your backup; a new one cannot open what is stored.`,
  });
}
