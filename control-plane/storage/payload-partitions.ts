import { sql, type Kysely } from 'kysely';
import { RECORD_KINDS, type RecordKind } from '#shared/audit-log/record-kinds.js';
import { boundsOf, firstIdAt, monthAt, nextMonth } from '#shared/audit-log/record-month.js';
import { engineOf } from './engine.js';
import type { Database } from './schema.js';
import { writeTransaction } from './write-transaction.js';

/**
 * On PostgreSQL `audit_payloads` has a partition for each kind, and in it one for each month (UTC) of record ids. What
 * has none of its own goes into the default partition of its kind, so that an insert never fails.
 */
export function kindPartition(kind: RecordKind): string {
  return `audit_payloads_${kind}`;
}

export function defaultPartition(kind: RecordKind): string {
  return `${kindPartition(kind)}_rest`;
}

export function monthPartition(kind: RecordKind, month: string): string {
  return `${kindPartition(kind)}_${month.replace('-', '_')}`;
}

/** The month of `now` (epoch milliseconds) and the two after it. */
export function monthsAhead(now: number): string[] {
  const month = monthAt(now);
  return [month, nextMonth(month), nextMonth(nextMonth(month))];
}

/**
 * Makes the partitions that records of the next weeks go into. Nothing waits for longer than a second for its locks; where
 * one cannot be had it rejects, and may be asked again. `now`: epoch milliseconds.
 */
export async function makePartitionsAhead(db: Kysely<Database>, now: number): Promise<void> {
  if (engineOf(db) !== 'postgres') return;
  const wanted = RECORD_KINDS.flatMap((kind) => monthsAhead(now).map((month) => ({ kind, month })));
  const names = wanted.map(({ kind, month }) => monthPartition(kind, month));
  if ((await existing(db, names)).size === names.length) return;
  await writeTransaction(db, 'audit-partitions', async (transaction) => {
    await sql`set local lock_timeout = '1s'`.execute(transaction);
    const there = await existing(transaction, names);
    for (const { kind, month } of wanted) {
      const isFree = !there.has(monthPartition(kind, month)) && !(await isInDefault(transaction, kind, month));
      if (isFree) await addPayloadMonth(transaction, kind, month);
    }
  });
}

/** Attached, because `create table … partition of` would lock out everyone who reads or writes meanwhile. */
export async function addPayloadMonth(db: Kysely<Database>, kind: RecordKind, month: string): Promise<void> {
  const { start, end } = boundsOf(month);
  const [partition, parent] = [sql.table(monthPartition(kind, month)), sql.table(kindPartition(kind))];
  await sql`create table ${partition} (like ${parent} including all)`.execute(db);
  await sql`alter table ${parent} attach partition ${partition}
    for values from (${sql.lit(firstIdAt(start))}) to (${sql.lit(firstIdAt(end))})`.execute(db);
}

/** A month whose first records came before its partition was made keeps to the default. */
async function isInDefault(db: Kysely<Database>, kind: RecordKind, month: string): Promise<boolean> {
  const { start, end } = boundsOf(month);
  const { rows } = await sql`select 1 from ${sql.table(defaultPartition(kind))}
    where kind = ${kind} and record_id >= ${firstIdAt(start)} and record_id < ${firstIdAt(end)} limit 1`.execute(db);
  return rows.length > 0;
}

/** Those of these tables that there are. */
async function existing(db: Kysely<Database>, names: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ name: string }>`
    select c.relname as name from pg_class c
    where c.relname in (${sql.join(names)}) and pg_table_is_visible(c.oid)`.execute(db);
  return new Set(rows.map(({ name }) => name));
}
