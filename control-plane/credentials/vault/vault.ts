import type { Kysely } from 'kysely';
import { CodedError } from '#shared/errors.js';
import { SecretUnreadable } from '../../config/secret-reference.js';
import type { Database } from '../../storage/schema.js';
import type { StorageService } from '../../storage/storage.service.js';
import { writeTransaction } from '../../storage/write-transaction.js';
import { liveVersion, readMark, writeMark, type MarkKey } from './mark.js';
import { openValue, sealValue, type SealedValue, type ValuePlace } from './sealed-value.js';

type Storage = Pick<StorageService, 'db' | 'seal' | 'open'> & MarkKey;

/** Stores a new version of a secret and returns its number, from 1. `expiresAt`: epoch milliseconds from when it is not used. */
export async function storeSecret(
  storage: Storage,
  name: string,
  value: string,
  expiresAt: number | null = null,
): Promise<number> {
  return await writeTransaction(storage.db, 'secrets', async (db) => {
    const mark = await readMark(db, storage, name);
    const highest = await highestVersion(db, name);
    const version = Math.max(mark?.latest ?? 0, highest) + 1;
    // Where the mark is lost, nothing says which of the rows before are good.
    const retired = mark?.retired ?? Array.from({ length: version - 1 }, (_, index) => index + 1);
    await db
      .insertInto('secrets')
      .values({
        name,
        version,
        ...sealValue(storage, { name, version, expiresAt }, value),
        created_at: Date.now(),
        expires_at: expiresAt,
      })
      .execute();
    await writeMark(db, storage, name, { latest: version, retired });
    return version;
  });
}

/**
 * The newest version of a secret that was not retired.
 * @throws SecretUnreadable where there is none, where it has expired, and where a row is not the one that was written.
 */
export async function openSecret(storage: Storage, name: string, now = Date.now()): Promise<string> {
  return (await openVersion(storage, name, now)).value;
}

/** A value of the store, and the number of its version. */
export interface VersionedSecret {
  readonly value: string;
  readonly version: number;
}

/** The same with its number. */
export async function openVersion(storage: Storage, name: string, now = Date.now()): Promise<VersionedSecret> {
  const mark = await readMark(storage.db, storage, name);
  const highest = await highestVersion(storage.db, name);
  if (mark === undefined && highest === 0) {
    throw new SecretUnreadable(
      `there is no secret ${name} in the store`,
      `run: mcp-sso-control-plane secret set ${name}`,
      'absent',
    );
  }
  if (mark === undefined || highest > mark.latest) throw altered(name);
  const version = liveVersion(mark);
  if (version === undefined) throw unusable(`every version of the secret ${name} was retired`, name);
  const row = await storage.db
    .selectFrom('secrets')
    .select(['wrapped_key', 'sealed', 'expires_at'])
    .where('name', '=', name)
    .where('version', '=', version)
    .executeTakeFirst();
  if (row === undefined) throw altered(name, version);
  const value = opened(storage, { name, version, expiresAt: row.expires_at }, row);
  if (row.expires_at !== null && row.expires_at <= now) {
    const day = new Date(row.expires_at).toISOString().slice(0, 10);
    throw unusable(`the stored secret ${name} (version ${version}) expired on ${day}`, name);
  }
  return { value, version };
}

/**
 * Uses one version of a secret, or all that there are, no more. What they held is gone afterwards.
 * @throws CodedError usage where there is no such version.
 */
export async function retireSecret(storage: Storage, name: string, version?: number): Promise<readonly number[]> {
  return await writeTransaction(storage.db, 'secrets', async (db) => {
    const mark = await readMark(db, storage, name);
    if (mark === undefined || (version !== undefined && (version < 1 || version > mark.latest))) {
      const which = version === undefined ? '' : ` with a version ${version}`;
      throw new CodedError('usage', { message: `There is no secret ${name}${which} in the store.` });
    }
    const all = Array.from({ length: mark.latest }, (_, index) => index + 1);
    const versions = (version === undefined ? all : [version]).filter((one) => !mark.retired.includes(one));
    const nothing = Buffer.alloc(0);
    if (versions.length > 0) {
      await db
        .updateTable('secrets')
        .set({ retired_at: Date.now(), wrapped_key: nothing, sealed: nothing })
        .where('name', '=', name)
        .where('version', 'in', versions)
        .execute();
    }
    await writeMark(db, storage, name, { latest: mark.latest, retired: [...mark.retired, ...versions] });
    return versions;
  });
}

async function highestVersion(db: Kysely<Database>, name: string): Promise<number> {
  const found = await db
    .selectFrom('secrets')
    .select(({ fn }) => fn.max('version').as('highest'))
    .where('name', '=', name)
    .executeTakeFirst();
  return found?.highest ?? 0;
}

function opened(storage: Storage, place: ValuePlace, row: SealedValue): string {
  try {
    return openValue(storage, place, row);
  } catch {
    throw altered(place.name, place.version);
  }
}

function altered(name: string, version?: number): SecretUnreadable {
  const which = version === undefined ? '' : ` (version ${version})`;
  return new SecretUnreadable(
    `the stored secret ${name}${which} cannot be opened: its rows were altered or deleted`,
    `restore the database, or run: mcp-sso-control-plane secret set ${name}`,
  );
}

function unusable(message: string, name: string): SecretUnreadable {
  return new SecretUnreadable(message, `run: mcp-sso-control-plane secret set ${name}`);
}
