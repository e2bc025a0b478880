import type { Kysely } from 'kysely';
import type { Database } from '../schema.js';

export async function up({ schema }: Kysely<Database>): Promise<void> {
  await schema
    .createTable('sign_in_cutoffs')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('cut_at', 'bigint', (c) => c.notNull())
    .execute();
  await schema.createIndex('sign_in_cutoffs_time').on('sign_in_cutoffs').column('cut_at').execute();
}
