import type { Kysely } from 'kysely';
import type { Database } from '../schema.js';

/** What stays of a person who was erased: that they were, and when. */
export async function up(db: Kysely<Database>): Promise<void> {
  await db.schema.alterTable('persons').addColumn('erased_at', 'bigint').execute();
  await db.schema.alterTable('audit_subject_keys').addColumn('erased_at', 'bigint').execute();
}
