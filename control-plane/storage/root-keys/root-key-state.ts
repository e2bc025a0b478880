import type { Kysely } from 'kysely';
import { deriveKey, openWith, sealWith } from '../sealing.js';
import type { RootKeysTable } from '../credential-tables.js';
import type { Database } from '../schema.js';

const ID = 'installation';

/** What the database says of its root key: the row that counts, and the proof that only the right key opens. */
export interface RootKeyState {
  readonly row: Pick<RootKeysTable, 'generation' | 'kek' | 'wrapped' | 'created_at'> | undefined;
  readonly proof: Buffer | undefined;
}

/** The proof first: one that is there has its row, whoever writes both between the two questions. */
export async function readState(db: Kysely<Database>): Promise<RootKeyState> {
  const proof = await db.selectFrom('installation').select('sealed_proof').where('id', '=', ID).executeTakeFirst();
  const row = await db
    .selectFrom('root_keys')
    .select(['generation', 'kek', 'wrapped', 'created_at'])
    .orderBy('generation', 'desc')
    .limit(1)
    .executeTakeFirst();
  return { row, proof: proof?.sealed_proof };
}

/** The proof says which generation of `root_keys` counts, so that an older row is known as such. */
export function sealProof(rootKey: Buffer, generation: number): Buffer {
  return sealWith(deriveKey(rootKey, ID), ID, Buffer.from(`${ID}/${generation}`));
}

/**
 * The generation that a proof names; undefined where this key does not open it. 0: the master key itself seals.
 * `adopted` is false for proofs of versions that kept no marks of secrets.
 */
export function openProof(rootKey: Buffer, proof: Buffer): { generation: number; adopted: boolean } | undefined {
  try {
    const text = openWith(deriveKey(rootKey, ID), ID, proof).toString();
    if (text === ID) return { generation: 0, adopted: false };
    const [, digits] = /^installation\/(\d+)$/.exec(text) ?? [];
    return digits === undefined ? undefined : { generation: Number(digits), adopted: true };
  } catch {
    return undefined;
  }
}

/** What is wrapped: the generation (8 bytes) and the key, so that a row says by itself which one it is. */
export function framed(generation: number, rootKey: Buffer): Buffer {
  const number = Buffer.alloc(8);
  number.writeBigUInt64BE(BigInt(generation));
  return Buffer.concat([number, rootKey]);
}

/** The key in it; undefined where the bytes are of another generation, or no key at all. */
export function unframed(generation: number, plain: Buffer): Buffer | undefined {
  if (plain.length !== 40 || plain.readBigUInt64BE() !== BigInt(generation)) return undefined;
  return Buffer.from(plain.subarray(8));
}
