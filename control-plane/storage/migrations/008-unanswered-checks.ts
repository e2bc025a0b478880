import type { Kysely } from 'kysely';
import type { Database } from '../schema.js';

export async function up(db: Kysely<Database>): Promise<void> {
  await db.schema
    .alterTable('sessions')
    .addColumn('idp_asked_at', 'bigint', (c) => c.notNull().defaultTo(0))
    .execute();
  await db.schema
    .createIndex('sessions_unanswered')
    .on('sessions')
    .column('idp_asked_at')
    .where('idp_asked_at', '>', 0)
    .execute();
}
