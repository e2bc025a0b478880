import type { Kysely } from 'kysely';
import { deriveKey, openWith, sealWith } from './sealing.js';
import type { Database } from './schema.js';

/** The purpose of the key that seals marks. */
export const SECRET_MARKS = 'secret-marks';

/** What is known of a secret beside its rows, so that a row that was deleted or put back is noticed. */
export interface SecretMark {
  /** The highest version that was ever stored. */
  readonly latest: number;
  /** Versions that are used no more. */
  readonly retired: readonly number[];
}

export function sealMark(key: Buffer, name: string, mark: SecretMark): Buffer {
  return sealWith(key, `secret_marks/${name}`, Buffer.from(JSON.stringify(mark)));
}

/** Throws where the row is not the one that was written. */
export function openMark(key: Buffer, name: string, sealed: Buffer): SecretMark {
  return JSON.parse(openWith(key, `secret_marks/${name}`, sealed).toString()) as SecretMark;
}

/** Marks what a version without marks has stored. */
export async function adoptSecretMarks(db: Kysely<Database>, rootKey: Buffer): Promise<void> {
  const key = deriveKey(rootKey, SECRET_MARKS);
  const rows = await db
    .selectFrom('secrets')
    .select(['name', ({ fn }) => fn.max('version').as('latest')])
    .groupBy('name')
    .execute();
  for (const { name, latest } of rows) {
    const sealed = sealMark(key, name, { latest: latest, retired: [] });
    await db
      .insertInto('secret_marks')
      .values({ name, sealed })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ sealed }))
      .execute();
  }
}
