import type { Kysely } from 'kysely';
import type { Database } from '../storage/schema.js';
import { OF_NOBODY } from './rows/index-rows.js';

const ROWS = 1_000;

/** Takes these subjects out of the index. In steps, each a transaction of its own, so that no call waits for long. */
export async function unlinkSubjects(db: Kysely<Database>, subjects: readonly string[]): Promise<void> {
  for (;;) {
    const some = db.selectFrom('audit_index').select('record_id').where('subject', 'in', subjects).limit(ROWS);
    const { numUpdatedRows } = await db
      .updateTable('audit_index')
      .set(OF_NOBODY)
      .where('record_id', 'in', some)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return;
  }
}
