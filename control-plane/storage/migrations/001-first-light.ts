import { sql, type Kysely } from 'kysely';
import type { Database } from '../schema.js';
import { bytes } from './column-types.js';

export async function up(db: Kysely<Database>): Promise<void> {
  const schema = db.schema;
  await schema
    .createTable('persons')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('provider', 'text', (c) => c.notNull())
    .addColumn('issuer', 'text', (c) => c.notNull())
    .addColumn('subject', 'text', (c) => c.notNull())
    .addColumn('email', 'text')
    .addColumn('name', 'text')
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addUniqueConstraint('persons_identity', ['issuer', 'subject'])
    .execute();
  await schema
    .createTable('sessions')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('person_id', 'text', (c) => c.notNull().references('persons.id'))
    .addColumn('client_id', 'text', (c) => c.notNull())
    .addColumn('device_name', 'text')
    .addColumn('address', 'text', (c) => c.notNull())
    .addColumn('groups', 'text', (c) => c.notNull())
    .addColumn('acr', 'text')
    .addColumn('amr', 'text', (c) => c.notNull())
    .addColumn('auth_time', 'bigint', (c) => c.notNull())
    .addColumn('sealed_idp_refresh_token', bytes(db), (c) => c.notNull())
    .addColumn('idp_checked_at', 'bigint', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('last_used_at', 'bigint', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .addColumn('ended_at', 'bigint')
    .addColumn('ended_reason', 'text')
    .execute();
  await schema
    .createTable('login_attempts')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('interaction', 'text', (c) => c.notNull())
    .addColumn('sealed', bytes(db), (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .execute();
  await schema
    .createTable('oidc_payloads')
    .addColumn('model', 'text', (c) => c.notNull())
    .addColumn('id_hash', 'text', (c) => c.notNull())
    .addColumn('grant_id', 'text')
    .addColumn('uid_hash', 'text')
    .addColumn('user_code_hash', 'text')
    .addColumn('sealed', bytes(db), (c) => c.notNull())
    .addColumn('consumed_at', 'bigint')
    .addColumn('expires_at', 'bigint')
    .addPrimaryKeyConstraint('oidc_payloads_key', ['model', 'id_hash'])
    .execute();
  await schema.createIndex('oidc_payloads_grant').on('oidc_payloads').column('grant_id').execute();
  await schema.createIndex('oidc_payloads_expiry').on('oidc_payloads').column('expires_at').execute();
  await schema
    .createTable('signing_keys')
    .addColumn('kid', 'text', (c) => c.primaryKey())
    .addColumn('purpose', 'text', (c) => c.notNull())
    .addColumn('sealed_private_jwk', bytes(db), (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .execute();
  await schema
    .createTable('secrets')
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull())
    .addColumn('wrapped_key', bytes(db), (c) => c.notNull())
    .addColumn('sealed', bytes(db), (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('secrets_key', ['name', 'version'])
    .execute();
  await createAuditTables(db);
}

async function createAuditTables(db: Kysely<Database>): Promise<void> {
  const schema = db.schema;
  await schema
    .createTable('audit_records')
    .addColumn('idx', 'bigint', (c) => c.primaryKey())
    .addColumn('id', 'text', (c) => c.notNull().unique())
    .addColumn('header', 'text', (c) => c.notNull())
    .addColumn('leaf', bytes(db), (c) => c.notNull())
    .execute();
  await schema
    .createTable('audit_payloads')
    .addColumn('record_id', 'text', (c) => c.primaryKey())
    .addColumn('subject', 'text', (c) => c.notNull())
    .addColumn('sealed', bytes(db), (c) => c.notNull())
    .execute();
  await schema
    .createTable('audit_subject_keys')
    .addColumn('subject', 'text', (c) => c.primaryKey())
    .addColumn('sealed_key', bytes(db), (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .execute();
  await schema
    .createTable('audit_checkpoints')
    .addColumn('kid', 'text', (c) => c.primaryKey())
    .addColumn('size', 'bigint', (c) => c.notNull())
    .addColumn('note', 'text', (c) => c.notNull())
    .execute();
  await schema
    .createTable('audit_index')
    .addColumn('record_id', 'text', (c) => c.primaryKey())
    .addColumn('ts', 'bigint', (c) => c.notNull())
    .addColumn('type', 'text', (c) => c.notNull())
    .addColumn('phase', 'text', (c) => c.notNull())
    .addColumn('ref', 'text')
    .addColumn('subject', 'text')
    .addColumn('client', 'text')
    .addColumn('server', 'text')
    .addColumn('target', 'text')
    .addColumn('decision', 'text')
    .execute();
  await schema.createIndex('audit_index_time').on('audit_index').columns(['ts', 'record_id']).execute();
  await schema.createIndex('audit_index_subject').on('audit_index').columns(['subject', 'ts']).execute();
  await schema.createIndex('audit_index_server').on('audit_index').columns(['server', 'ts']).execute();
  await schema
    .createIndex('audit_index_ref')
    .on('audit_index')
    .column('ref')
    .where(sql`ref`, 'is not', null)
    .execute();
}
