import { sql, type Kysely } from 'kysely';
import { firstIdAt, monthOf, nextMonth } from '#shared/audit-log/record-month.js';
import { engineOf } from '../engine.js';
import { addPayloadMonth, defaultPartition, kindPartition, monthsAhead } from '../payload-partitions.js';
import type { Database } from '../schema.js';

const OLD = 'audit_payloads_before_015';

/** Of then: what has another kind by now is still found, by looking into the others. */
const KINDS = ['calls', 'lists', 'identity', 'administration'] as const;
const KIND_OF_TYPE = sql<string>`case
  when i.type in ('tool.call', 'resource.read', 'prompt.get', 'method.use') then 'calls'
  when i.type = 'list' then 'lists'
  when i.type like 'auth.%' or i.type like 'scim.%' or i.type = 'session.end' then 'identity'
  when i.type like 'connection.%' and i.type <> 'connection.read' then 'identity'
  else 'administration' end`;

/** What is personal gets its kind, and on PostgreSQL a partition for each kind and month, so that a month can go as a whole. */
export async function up(db: Kysely<Database>): Promise<void> {
  await db.schema
    .createTable('audit_expirations')
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('month', 'text', (c) => c.notNull())
    .addColumn('record_id', 'text')
    .addColumn('decided_at', 'bigint', (c) => c.notNull())
    .addColumn('done_at', 'bigint')
    .addPrimaryKeyConstraint('audit_expirations_key', ['kind', 'month'])
    .execute();
  await db.schema.alterTable('audit_payloads').renameTo(OLD).execute();
  await (engineOf(db) === 'postgres' ? createPartitioned(db) : createPlain(db));
  await sql`insert into audit_payloads (record_id, kind, subject, sealed)
    select p.record_id, ${KIND_OF_TYPE}, p.subject, p.sealed
    from ${sql.table(OLD)} p left join audit_index i on i.record_id = p.record_id`.execute(db);
  await db.schema.dropTable(OLD).execute();
}

async function createPlain(db: Kysely<Database>): Promise<void> {
  await db.schema
    .createTable('audit_payloads')
    .addColumn('record_id', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('subject', 'text', (c) => c.notNull())
    .addColumn('sealed', 'blob', (c) => c.notNull())
    .addPrimaryKeyConstraint('audit_payloads_key', ['kind', 'record_id'])
    .execute();
}

/** Ids begin with their time, so a month is a range of them. By bytes: another collation would not be pruned by. */
async function createPartitioned(db: Kysely<Database>): Promise<void> {
  await sql`create table audit_payloads (
    record_id text collate "C" not null, kind text not null, subject text not null, sealed bytea not null,
    constraint audit_payloads_key primary key (kind, record_id)) partition by list (kind)`.execute(db);
  const months = await monthsToMake(db);
  for (const kind of KINDS) {
    await sql`create table ${sql.table(kindPartition(kind))} partition of audit_payloads
      for values in (${sql.lit(kind)}) partition by range (record_id)`.execute(db);
    await sql`create table ${sql.table(defaultPartition(kind))}
      partition of ${sql.table(kindPartition(kind))} default`.execute(db);
    for (const month of months) await addPayloadMonth(db, kind, month);
  }
}

/** From the oldest record to some time from now. */
async function monthsToMake(db: Kysely<Database>): Promise<string[]> {
  const ahead = monthsAhead(Date.now());
  const { rows } = await sql<{ id: string | null }>`
    select min(record_id) as id from ${sql.table(OLD)} where record_id >= ${firstIdAt(0)}`.execute(db);
  const oldest = rows[0]?.id;
  const months: string[] = [];
  if (oldest) for (let month = monthOf(oldest); month < ahead[0]!; month = nextMonth(month)) months.push(month);
  return [...months, ...ahead];
}
