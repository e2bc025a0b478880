import type { Kysely } from 'kysely';
import type { Database } from '../schema.js';
import { bytes } from './column-types.js';

export async function up(db: Kysely<Database>): Promise<void> {
  await createRootKeys(db);
  await widenSecrets(db);
  await createConnections(db);
  await createConnectionRequests(db);
  await createConnectionAttempts(db);
  await createUpstreamClients(db);
}

async function createRootKeys(db: Kysely<Database>): Promise<void> {
  await db.schema
    .createTable('root_keys')
    .addColumn('generation', 'integer', (c) => c.primaryKey())
    .addColumn('kek', 'text', (c) => c.notNull())
    .addColumn('wrapped', bytes(db), (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('rewrapped_at', 'bigint', (c) => c.notNull())
    .execute();
}

async function widenSecrets(db: Kysely<Database>): Promise<void> {
  const { schema } = db;
  await schema.alterTable('secrets').addColumn('expires_at', 'bigint').execute();
  await schema.alterTable('secrets').addColumn('retired_at', 'bigint').execute();
  await schema
    .createTable('secret_marks')
    .addColumn('name', 'text', (c) => c.primaryKey())
    .addColumn('sealed', bytes(db), (c) => c.notNull())
    .execute();
}

async function createConnections(db: Kysely<Database>): Promise<void> {
  await db.schema
    .createTable('connections')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('person_id', 'text', (c) => c.notNull())
    .addColumn('server', 'text', (c) => c.notNull())
    .addColumn('issuer', 'text', (c) => c.notNull())
    .addColumn('resource', 'text', (c) => c.notNull())
    .addColumn('client', 'text', (c) => c.notNull())
    .addColumn('sealed', bytes(db), (c) => c.notNull())
    .addColumn('scopes', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('generation', 'integer', (c) => c.notNull())
    .addColumn('expires_at', 'bigint')
    .addColumn('refresh_until', 'bigint', (c) => c.notNull().defaultTo(0))
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('changed_at', 'bigint', (c) => c.notNull())
    .addColumn('last_used_at', 'bigint', (c) => c.notNull())
    .addColumn('refused_at', 'bigint')
    .execute();
  await db.schema
    .createIndex('connections_person')
    .on('connections')
    .columns(['person_id', 'server'])
    .unique()
    .execute();
  await db.schema.createIndex('connections_server').on('connections').column('server').execute();
  await db.schema
    .createTable('connection_revocations')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('server', 'text', (c) => c.notNull())
    .addColumn('sealed', bytes(db), (c) => c.notNull())
    .addColumn('attempts', 'integer', (c) => c.notNull())
    .addColumn('next_at', 'bigint', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('connection_revocations_next').on('connection_revocations').column('next_at').execute();
}

async function createConnectionRequests(db: Kysely<Database>): Promise<void> {
  await db.schema
    .createTable('connection_requests')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('person_id', 'text', (c) => c.notNull())
    .addColumn('session_id', 'text')
    .addColumn('server', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('sealed', bytes(db), (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .addColumn('decided_at', 'bigint')
    .execute();
  await db.schema
    .createIndex('connection_requests_person')
    .on('connection_requests')
    .columns(['person_id', 'server', 'state'])
    .execute();
  await db.schema.createIndex('connection_requests_expiry').on('connection_requests').column('expires_at').execute();
}

async function createConnectionAttempts(db: Kysely<Database>): Promise<void> {
  await db.schema
    .createTable('connection_attempts')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('person_id', 'text', (c) => c.notNull())
    .addColumn('server', 'text', (c) => c.notNull())
    .addColumn('request_id', 'text')
    .addColumn('sealed', bytes(db), (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('connection_attempts_expiry').on('connection_attempts').column('expires_at').execute();
}

async function createUpstreamClients(db: Kysely<Database>): Promise<void> {
  await db.schema
    .createTable('upstream_clients')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('issuer', 'text', (c) => c.notNull())
    .addColumn('redirect_uri', 'text', (c) => c.notNull())
    .addColumn('sealed', bytes(db), (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('expires_at', 'bigint')
    .execute();
  await db.schema
    .createIndex('upstream_clients_issuer')
    .on('upstream_clients')
    .columns(['issuer', 'redirect_uri'])
    .unique()
    .execute();
}
