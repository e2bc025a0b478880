import { sql, type Kysely } from 'kysely';
import type { Database } from '../schema.js';
import { bytes } from './column-types.js';

export async function up(db: Kysely<Database>): Promise<void> {
  const schema = db.schema;
  await schema
    .createTable('catalog_revisions')
    .addColumn('number', 'bigint', (c) => c.primaryKey())
    .addColumn('parent', 'bigint')
    .addColumn('sha256', 'text', (c) => c.notNull())
    .addColumn('source', 'text', (c) => c.notNull())
    .addColumn('author', 'text', (c) => c.notNull())
    .addColumn('sealed', bytes(db), (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .execute();
  await schema
    .createTable('catalog_active')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('number', 'bigint', (c) => c.notNull())
    .addColumn('applied_sha256', 'text')
    .addColumn('activated_at', 'bigint', (c) => c.notNull())
    .execute();
  await schema
    .createTable('installation')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('sealed_proof', bytes(db), (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .execute();
  await schema
    .createTable('dpop_proofs')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .execute();
  await schema
    .alterTable('sessions')
    .addColumn('idp_check_until', 'bigint', (c) => c.notNull().defaultTo(0))
    .execute();
  await schema.createIndex('dpop_proofs_expiry').on('dpop_proofs').column('expires_at').execute();
  await schema
    .createIndex('sessions_ended')
    .on('sessions')
    .column('ended_at')
    .where(sql`ended_at`, 'is not', null)
    .execute();
}
