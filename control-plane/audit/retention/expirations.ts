import type { Kysely } from 'kysely';
import { kindOf, type RecordKind } from '#shared/audit-log/record-kinds.js';
import type { RecordHeader } from '#shared/audit-log/record-header.js';
import { monthOf } from '#shared/audit-log/record-month.js';
import type { Database } from '../../storage/schema.js';
import type { MonthOfKind } from './due-months.js';

/** Ids of those whose month has expired by a record of the log: their personal part is gone by right. */
export async function expiredAmong(
  db: Kysely<Database>,
  headers: readonly Pick<RecordHeader, 'id' | 'type'>[],
): Promise<Set<string>> {
  if (headers.length === 0) return new Set();
  const rows = await db
    .selectFrom('audit_expirations')
    .select(['kind', 'month'])
    .where('month', 'in', [...new Set(headers.map(({ id }) => monthOf(id)))])
    .where('record_id', 'is not', null)
    .execute();
  const expired = new Set(rows.map(({ kind, month }) => `${kind} ${month}`));
  return new Set(headers.filter(({ id, type }) => expired.has(`${kindOf(type)} ${monthOf(id)}`)).map(({ id }) => id));
}

/** Those of which nothing is left. */
export async function doneMonths(db: Kysely<Database>): Promise<MonthOfKind[]> {
  const rows = await db
    .selectFrom('audit_expirations')
    .select(['kind', 'month'])
    .where('done_at', 'is not', null)
    .execute();
  return rows.map(({ kind, month }) => ({ kind: kind as RecordKind, month }));
}

/** Where an expiry has begun: the `audit.expire` that says so, null before it is written. Undefined where it has not. */
export async function begunExpiry(
  db: Kysely<Database>,
  { kind, month }: MonthOfKind,
): Promise<{ readonly record: string | null } | undefined> {
  const row = await db
    .selectFrom('audit_expirations')
    .select('record_id')
    .where('kind', '=', kind)
    .where('month', '=', month)
    .executeTakeFirst();
  return row && { record: row.record_id };
}

/** `now`: epoch milliseconds. */
export async function beginExpiry(db: Kysely<Database>, { kind, month }: MonthOfKind, now: number): Promise<void> {
  await db
    .insertInto('audit_expirations')
    .values({ kind, month, record_id: null, decided_at: now, done_at: null })
    .onConflict((row) => row.columns(['kind', 'month']).doNothing())
    .execute();
}

/** Both say what has come of it: the record that stands for it, and when nothing was left. */
export async function noteExpiry(
  db: Kysely<Database>,
  { kind, month }: MonthOfKind,
  what: { readonly record_id: string } | { readonly done_at: number },
): Promise<void> {
  await db.updateTable('audit_expirations').set(what).where('kind', '=', kind).where('month', '=', month).execute();
}
