import { sql, type Kysely } from 'kysely';
import type { Database } from '../schema.js';
import { bytes } from './column-types.js';

/** Holds, and the index by which an erasure finds out whether a person did anything at a server in some time. */
export async function up(db: Kysely<Database>): Promise<void> {
  await db.schema
    .createTable('legal_holds')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('person_id', 'text')
    .addColumn('server', 'text')
    .addColumn('from_time', 'bigint')
    .addColumn('to_time', 'bigint')
    .addColumn('sealed', bytes(db), (c) => c.notNull())
    .addColumn('created_by', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('released_by', 'text')
    .addColumn('released_at', 'bigint')
    .addColumn('sealed_release', bytes(db))
    .execute();
  await db.schema
    .createIndex('legal_holds_active')
    .on('legal_holds')
    .columns(['created_at', 'id'])
    .where(sql`released_at`, 'is', null)
    .execute();
  await db.schema
    .createIndex('audit_index_held')
    .on('audit_index')
    .columns(['subject', 'server', 'ts'])
    .where(sql<boolean>`phase <> 'outcome' and server is not null`)
    .execute();
}
