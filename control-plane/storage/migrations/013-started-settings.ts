import type { Kysely } from 'kysely';
import type { Database } from '../schema.js';

export async function up(db: Kysely<Database>): Promise<void> {
  await db.schema
    .createTable('started_settings')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('digests', 'text', (c) => c.notNull())
    .addColumn('started_at', 'bigint', (c) => c.notNull())
    .execute();
}
