import type { Kysely } from 'kysely';
import type { Database } from '../schema.js';
import { bytes } from './column-types.js';

export async function up(db: Kysely<Database>): Promise<void> {
  await widenPersonsAndSessions(db);
  await createScim(db);
  await createOneTimeTables(db);
}

async function widenPersonsAndSessions({ schema }: Kysely<Database>): Promise<void> {
  // One statement a column: SQLite takes no more.
  await schema.alterTable('persons').addColumn('disabled_at', 'bigint').execute();
  await schema.alterTable('persons').addColumn('disabled_by', 'text').execute();
  await schema.alterTable('persons').addColumn('signed_out_at', 'bigint').execute();
  await schema
    .alterTable('sessions')
    .addColumn('kind', 'text', (c) => c.notNull().defaultTo('person'))
    .execute();
  await schema
    .alterTable('sessions')
    .addColumn('actors', 'text', (c) => c.notNull().defaultTo('[]'))
    .execute();
  await schema.alterTable('sessions').addColumn('idle_seconds', 'bigint').execute();
  await schema.alterTable('sessions').addColumn('idp_session', 'text').execute();
  await schema.createIndex('sessions_person').on('sessions').column('person_id').execute();
  await schema.createIndex('sessions_idp_session').on('sessions').column('idp_session').execute();
  await schema
    .alterTable('signing_keys')
    .addColumn('active_from', 'bigint', (c) => c.notNull().defaultTo(0))
    .execute();
  await schema.alterTable('signing_keys').addColumn('retire_at', 'bigint').execute();
}

async function createScim(db: Kysely<Database>): Promise<void> {
  await db.schema
    .createTable('scim_users')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('provider', 'text', (c) => c.notNull())
    .addColumn('user_name_key', 'text', (c) => c.notNull())
    .addColumn('external_id', 'text')
    .addColumn('active', 'integer', (c) => c.notNull())
    .addColumn('sealed', bytes(db), (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('changed_at', 'bigint', (c) => c.notNull())
    .addUniqueConstraint('scim_users_name', ['provider', 'user_name_key'])
    .execute();
  await db.schema.createIndex('scim_users_external').on('scim_users').columns(['provider', 'external_id']).execute();
  await db.schema
    .createTable('scim_groups')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('provider', 'text', (c) => c.notNull())
    .addColumn('display_name', 'text', (c) => c.notNull())
    .addColumn('external_id', 'text')
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('changed_at', 'bigint', (c) => c.notNull())
    .addUniqueConstraint('scim_groups_name', ['provider', 'display_name'])
    .execute();
  await db.schema
    .createTable('scim_members')
    .addColumn('group_id', 'text', (c) => c.notNull().references('scim_groups.id').onDelete('cascade'))
    .addColumn('user_id', 'text', (c) => c.notNull().references('scim_users.id').onDelete('cascade'))
    .addPrimaryKeyConstraint('scim_members_key', ['group_id', 'user_id'])
    .execute();
  await db.schema.createIndex('scim_members_user').on('scim_members').column('user_id').execute();
}

async function createOneTimeTables(db: Kysely<Database>): Promise<void> {
  await db.schema
    .createTable('used_tokens')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('used_tokens_expiry').on('used_tokens').column('expires_at').execute();
  await db.schema
    .createTable('break_glass_codes')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('sealed', bytes(db), (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .addColumn('used_at', 'bigint')
    .execute();
}
