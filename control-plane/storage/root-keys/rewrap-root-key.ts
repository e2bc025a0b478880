import type { Kysely } from 'kysely';
import { CodedError } from '#shared/errors.js';
import { SecretUnreadable } from '../../config/secret-reference.js';
import type { Database } from '../schema.js';
import { writeTransaction } from '../write-transaction.js';
import type { KeyEncryptionKeys } from './key-encryption-key.js';
import { openRootKey } from './open-root-key.js';
import { unasked } from './refusals.js';
import { framed, openProof, readState, sealProof, unframed } from './root-key-state.js';

export interface Rewrapping {
  readonly generation: number;
  /** Ids of keys. */
  readonly before: string;
  readonly after: string;
}

/**
 * Wraps the root key under the current key of the settings, and forgets every earlier wrapping. What is stored stays as it
 * is, so control planes that run go on.
 * @throws CodedError config_invalid where a key cannot be asked; then nothing was changed.
 */
export async function rewrapRootKey(db: Kysely<Database>, keys: KeyEncryptionKeys): Promise<Rewrapping> {
  const { current } = keys;
  const root = await openRootKey(db, keys);
  const generation = root.generation + 1;
  const wrapped = await provenWrapping(keys, generation, root.key);
  await writeTransaction(db, 'installation', async (connection) => {
    const { proof } = await readState(connection);
    if (proof === undefined || openProof(root.key, proof)?.generation !== root.generation) {
      throw new CodedError('config_invalid', { message: 'masterKey: somebody else rotates it at this moment.' });
    }
    const now = Date.now();
    await connection.deleteFrom('root_keys').execute();
    await connection
      .insertInto('root_keys')
      .values({ generation, kek: current.id, wrapped, created_at: now, rewrapped_at: now })
      .execute();
    await connection
      .updateTable('installation')
      .set({ sealed_proof: sealProof(root.key, generation) })
      .execute();
  });
  return { generation, before: root.by.id, after: current.id };
}

/** A key that wraps and does not unwrap (its rights at the service) would lock everyone out. */
async function provenWrapping({ current }: KeyEncryptionKeys, generation: number, rootKey: Buffer): Promise<Buffer> {
  try {
    const wrapped = await current.wrap(framed(generation, rootKey));
    const opened = unframed(generation, await current.unwrap(wrapped));
    if (opened?.equals(rootKey)) return wrapped;
  } catch (error) {
    if (error instanceof SecretUnreadable) throw unasked(current, error);
  }
  throw new CodedError('config_invalid', {
    message: `${current.setting} wraps what it does not open again. Nothing was changed.`,
  });
}
