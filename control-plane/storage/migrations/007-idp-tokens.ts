import type { Kysely } from 'kysely';
import type { Database } from '../schema.js';
import { bytes } from './column-types.js';

export async function up(db: Kysely<Database>): Promise<void> {
  await db.schema.alterTable('sessions').addColumn('sealed_idp_tokens', bytes(db)).execute();
}
