import { randomBytes } from 'node:crypto';
import { CodedError } from '#shared/errors.js';
import { SecretUnreadable } from '../../config/secret-reference.js';
import { openWith, sealWith } from '../../storage/sealing.js';
import type { StorageService } from '../../storage/storage.service.js';

type Storage = Pick<StorageService, 'db' | 'seal' | 'open'>;

const PURPOSE = 'vault';
const ATTEMPTS = 5;

/** Stores a new version of a secret and returns its number, from 1. Old versions stay. */
export async function storeSecret(storage: Storage, name: string, value: string): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const latest = await latestRow(storage, name);
    const version = (latest?.version ?? 0) + 1;
    const row = { name, version, ...sealed(storage, name, version, value), created_at: Date.now() };
    const written = await storage.db
      .insertInto('secrets')
      .values(row)
      .onConflict((conflict) => conflict.columns(['name', 'version']).doNothing())
      .executeTakeFirstOrThrow();
    if (written.numInsertedOrUpdatedRows === 1n) return version;
  }
  throw new CodedError('internal', { detail: `secret ${name}: other writers took every version number` });
}

/**
 * The latest version of a secret.
 * @throws SecretUnreadable where there is none, or where its row is not the one that was written.
 */
export async function openSecret(storage: Storage, name: string): Promise<string> {
  const row = await latestRow(storage, name);
  if (row === undefined) {
    throw new SecretUnreadable(
      `there is no secret ${name} in the store`,
      `run: mcp-sso-control-plane secret set ${name}`,
      'absent',
    );
  }
  try {
    return opened(storage, name, row);
  } catch {
    throw new SecretUnreadable(
      `the stored secret ${name} (version ${row.version}) cannot be opened: its row was altered, or the master key is another`,
      `restore the master key, or run: mcp-sso-control-plane secret set ${name}`,
    );
  }
}

interface SealedSecret {
  readonly version: number;
  readonly wrapped_key: Buffer;
  readonly sealed: Buffer;
}

function latestRow(storage: Storage, name: string): Promise<SealedSecret | undefined> {
  return storage.db
    .selectFrom('secrets')
    .select(['version', 'wrapped_key', 'sealed'])
    .where('name', '=', name)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** Both layers are bound to name and version, so that no row can stand in for another. */
function boundTo(name: string, version: number): string {
  return `secrets/${name}/${version}`;
}

function sealed(storage: Storage, name: string, version: number, value: string): Omit<SealedSecret, 'version'> {
  const dataKey = randomBytes(32);
  const plain = Buffer.from(value);
  try {
    const binding = boundTo(name, version);
    return { wrapped_key: storage.seal(PURPOSE, binding, dataKey), sealed: sealWith(dataKey, binding, plain) };
  } finally {
    dataKey.fill(0);
    plain.fill(0);
  }
}

function opened(storage: Storage, name: string, row: SealedSecret): string {
  const binding = boundTo(name, row.version);
  const dataKey = storage.open(PURPOSE, binding, row.wrapped_key);
  try {
    const plain = openWith(dataKey, binding, row.sealed);
    const value = plain.toString();
    plain.fill(0);
    return value;
  } finally {
    dataKey.fill(0);
  }
}
