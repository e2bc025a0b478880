import { sql, type Kysely } from 'kysely';
import type { Database } from '../schema.js';

/** Calls that were let through: what has no outcome is found by reading this beside `audit_index_ref`. */
export async function up(db: Kysely<Database>): Promise<void> {
  await db.schema
    .createIndex('audit_index_intents')
    .on('audit_index')
    .column('record_id')
    .where(sql<boolean>`phase = 'intent' and decision = 'allow'`)
    .execute();
}
