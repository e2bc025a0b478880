import type { Kysely } from 'kysely';
import { openMark, SECRET_MARKS, sealMark, type SecretMark } from '../../storage/secret-marks.js';
import type { Database } from '../../storage/schema.js';
import type { StorageService } from '../../storage/storage.service.js';

export type MarkKey = Pick<StorageService, 'key'>;

/** What is known of a secret beside its rows; undefined where there is no mark, or another one than was written. */
export async function readMark(db: Kysely<Database>, keys: MarkKey, name: string): Promise<SecretMark | undefined> {
  const row = await db.selectFrom('secret_marks').select('sealed').where('name', '=', name).executeTakeFirst();
  try {
    return row && openMark(keys.key(SECRET_MARKS), name, row.sealed);
  } catch {
    return undefined;
  }
}

export async function writeMark(db: Kysely<Database>, keys: MarkKey, name: string, mark: SecretMark): Promise<void> {
  const sealed = sealMark(keys.key(SECRET_MARKS), name, mark);
  await db
    .insertInto('secret_marks')
    .values({ name, sealed })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ sealed }))
    .execute();
}

/** The newest version that is still used. */
export function liveVersion({ latest, retired }: SecretMark): number | undefined {
  for (let version = latest; version > 0; version -= 1) if (!retired.includes(version)) return version;
  return undefined;
}
