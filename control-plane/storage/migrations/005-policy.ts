import type { Kysely } from 'kysely';
import type { Database } from '../schema.js';
import { bytes } from './column-types.js';

export async function up(db: Kysely<Database>): Promise<void> {
  await db.schema
    .alterTable('sessions')
    .addColumn('managed_device', 'integer', (c) => c.notNull().defaultTo(0))
    .execute();
  await widenCatalog(db);
  await createToolDefinitions(db);
  await createGrants(db);
  await createApprovals(db);
  await createCandidates(db);
  await createDeliveries(db);
}

async function widenCatalog({ schema }: Kysely<Database>): Promise<void> {
  await schema.alterTable('catalog_revisions').addColumn('message', 'text').execute();
  await schema
    .createTable('catalog_activations')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('number', 'integer', (c) => c.notNull())
    .addColumn('activated_at', 'bigint', (c) => c.notNull())
    .execute();
  await schema.createIndex('catalog_activations_time').on('catalog_activations').column('activated_at').execute();
}

async function createToolDefinitions({ schema }: Kysely<Database>): Promise<void> {
  await schema
    .createTable('tool_definitions')
    .addColumn('server', 'text', (c) => c.notNull())
    .addColumn('tool', 'text', (c) => c.notNull())
    .addColumn('sha256', 'text', (c) => c.notNull())
    .addColumn('definition', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('first_seen_at', 'bigint', (c) => c.notNull())
    .addColumn('last_seen_at', 'bigint', (c) => c.notNull())
    .addColumn('decided_at', 'bigint')
    .addColumn('decided_by', 'text')
    .addPrimaryKeyConstraint('tool_definitions_key', ['server', 'tool', 'sha256'])
    .execute();
  await schema.createIndex('tool_definitions_state').on('tool_definitions').columns(['state', 'server']).execute();
}

async function createGrants(db: Kysely<Database>): Promise<void> {
  await db.schema
    .createTable('grants')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('person_id', 'text', (c) => c.notNull())
    .addColumn('server', 'text', (c) => c.notNull())
    .addColumn('tool', 'text')
    .addColumn('sealed', bytes(db), (c) => c.notNull())
    .addColumn('created_by', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .addColumn('ended_at', 'bigint')
    .addColumn('ended_by', 'text')
    .addColumn('reviewed_at', 'bigint')
    .addColumn('reviewed_by', 'text')
    .execute();
  await db.schema.createIndex('grants_person').on('grants').columns(['person_id', 'expires_at']).execute();
  await db.schema.createIndex('grants_expiry').on('grants').column('expires_at').execute();
  await db.schema
    .createTable('grant_requests')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('person_id', 'text', (c) => c.notNull())
    .addColumn('server', 'text', (c) => c.notNull())
    .addColumn('tool', 'text')
    .addColumn('sealed', bytes(db), (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .addColumn('decided_at', 'bigint')
    .addColumn('decided_by', 'text')
    .addColumn('grant_id', 'text')
    .execute();
  await db.schema.createIndex('grant_requests_state').on('grant_requests').columns(['state', 'expires_at']).execute();
  await db.schema.createIndex('grant_requests_person').on('grant_requests').column('person_id').execute();
}

async function createApprovals(db: Kysely<Database>): Promise<void> {
  await db.schema
    .createTable('approvals')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('digest', 'text', (c) => c.notNull())
    .addColumn('person_id', 'text', (c) => c.notNull())
    .addColumn('session_id', 'text', (c) => c.notNull())
    .addColumn('server', 'text', (c) => c.notNull())
    .addColumn('target', 'text', (c) => c.notNull())
    .addColumn('revision', 'text', (c) => c.notNull())
    .addColumn('groups', 'text', (c) => c.notNull())
    .addColumn('policies', 'text', (c) => c.notNull())
    .addColumn('sealed', bytes(db), (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .addColumn('decided_at', 'bigint')
    .addColumn('used_at', 'bigint')
    .execute();
  await db.schema.createIndex('approvals_digest').on('approvals').columns(['person_id', 'digest']).execute();
  await db.schema.createIndex('approvals_state').on('approvals').columns(['state', 'expires_at']).execute();
  await db.schema
    .createTable('approval_votes')
    .addColumn('approval_id', 'text', (c) => c.notNull().references('approvals.id').onDelete('cascade'))
    .addColumn('approver', 'text', (c) => c.notNull())
    .addColumn('verdict', 'text', (c) => c.notNull())
    .addColumn('groups', 'text', (c) => c.notNull())
    .addColumn('voted_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('approval_votes_key', ['approval_id', 'approver'])
    .execute();
}

async function createCandidates(db: Kysely<Database>): Promise<void> {
  await db.schema
    .createTable('policy_candidates')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('sha256', 'text', (c) => c.notNull())
    .addColumn('sealed', bytes(db), (c) => c.notNull())
    .addColumn('author', 'text', (c) => c.notNull())
    .addColumn('message', 'text')
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('ended_at', 'bigint')
    .execute();
  await db.schema
    .createTable('candidate_differences')
    .addColumn('candidate_id', 'text', (c) => c.notNull().references('policy_candidates.id').onDelete('cascade'))
    .addColumn('person_id', 'text', (c) => c.notNull())
    .addColumn('server', 'text', (c) => c.notNull())
    .addColumn('target', 'text', (c) => c.notNull())
    .addColumn('live', 'text', (c) => c.notNull())
    .addColumn('candidate', 'text', (c) => c.notNull())
    .addColumn('calls', 'integer', (c) => c.notNull())
    .addColumn('last_record', 'text', (c) => c.notNull())
    .addColumn('last_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('candidate_differences_key', [
      'candidate_id',
      'person_id',
      'server',
      'target',
      'live',
      'candidate',
    ])
    .execute();
}

async function createDeliveries(db: Kysely<Database>): Promise<void> {
  await db.schema
    .createTable('message_deliveries')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('channel', 'text', (c) => c.notNull())
    .addColumn('event', 'text', (c) => c.notNull())
    .addColumn('sealed', bytes(db), (c) => c.notNull())
    .addColumn('attempts', 'integer', (c) => c.notNull())
    .addColumn('next_at', 'bigint', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('message_deliveries_next').on('message_deliveries').column('next_at').execute();
}
