import { sql, type Kysely } from 'kysely';
import type { Database } from '../schema.js';

/** What searches and reports ask the index for. Rows of records from before it have none of the new columns' values. */
export async function up(db: Kysely<Database>): Promise<void> {
  const { schema } = db;
  for (const column of [
    'session',
    'group_set',
    'policy_set',
    'trace',
    'agent_session',
    'outcome',
    'code',
    'grant_id',
  ]) {
    await schema.alterTable('audit_index').addColumn(column, 'text').execute();
  }
  // PostgreSQL refuses an index entry above 2,704 bytes, and the indices below hold several of these texts.
  await sql`update audit_index set target = substr(target, 1, 200) where length(target) > 200`.execute(db);
  await sql`update audit_index set server = substr(server, 1, 200) where length(server) > 200`.execute(db);
  await sql`update audit_index set client = substr(client, 1, 300) where length(client) > 300`.execute(db);
  await schema
    .createTable('audit_sets')
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('member', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('audit_sets_key', ['id', 'member'])
    .execute();
  await schema.createIndex('audit_sets_member').on('audit_sets').columns(['kind', 'member']).execute();
  await createIndices(db);
}

async function createIndices({ schema }: Kysely<Database>): Promise<void> {
  // Holds all that reports read of calls, in the order in which they count them; not all of them tell apps apart.
  await schema
    .createIndex('audit_index_calls')
    .on('audit_index')
    .columns(['server', 'subject', 'target', 'type', 'decision', 'group_set', 'client', 'ts'])
    .where(sql<boolean>`phase <> 'outcome' and type in ('tool.call', 'resource.read', 'prompt.get', 'method.use')`)
    .execute();
  await schema
    .createIndex('audit_index_denials')
    .on('audit_index')
    .columns(['ts', 'policy_set', 'code', 'subject', 'server', 'target', 'record_id'])
    .where(sql<boolean>`phase <> 'outcome' and decision = 'deny'`)
    .execute();
  for (const column of ['session', 'trace', 'agent_session', 'policy_set', 'grant_id']) {
    await schema
      .createIndex(`audit_index_${column}`)
      .on('audit_index')
      .columns([column, 'ts'])
      .where(sql<boolean>`phase <> 'outcome' and ${sql.ref(column)} is not null`)
      .execute();
  }
  await schema
    .createIndex('audit_index_failures')
    .on('audit_index')
    .columns(['outcome', 'ref', 'record_id'])
    .where(sql<boolean>`outcome in ('tool_error', 'error', 'cancelled', 'unknown')`)
    .execute();
}
