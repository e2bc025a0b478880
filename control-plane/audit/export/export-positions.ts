import type { Kysely } from 'kysely';
import type { Database } from '../../storage/schema.js';

/** How far a sink is. */
export interface ExportPosition {
  /** Index of the first record that it does not have. */
  readonly next: number;
  /** Since when nothing gets through (epoch milliseconds); null while it does. */
  readonly failingSince: number | null;
  readonly failure: string | null;
}

/** Where a sink is, for whoever only looks. */
export async function readPosition(db: Kysely<Database>, sink: string): Promise<ExportPosition> {
  const row = await db.selectFrom('audit_exports').selectAll().where('sink', '=', sink).executeTakeFirst();
  return { next: row?.next ?? 0, failingSince: row?.failing_since ?? null, failure: row?.failure ?? null };
}

/** The same, with a row that can be moved on; a sink that is new begins at the log's first record. `now`: epoch milliseconds. */
export async function exportPosition(db: Kysely<Database>, sink: string, now: number): Promise<ExportPosition> {
  await db
    .insertInto('audit_exports')
    .values({ sink, next: 0, changed_at: now, failing_since: null, failure: null })
    .onConflict((row) => row.column('sink').doNothing())
    .execute();
  return readPosition(db, sink);
}

/** Whether it was where we took it to be; else another replica has sent meanwhile, and its word stands. */
export async function advance(
  db: Kysely<Database>,
  sink: string,
  { from, to, now }: { readonly from: number; readonly to: number; readonly now: number },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('audit_exports')
    .set({ next: to, changed_at: now, failing_since: null, failure: null })
    .where('sink', '=', sink)
    .where('next', '=', from)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

export async function markFailing(db: Kysely<Database>, sink: string, failure: string, now: number): Promise<void> {
  await db
    .updateTable('audit_exports')
    .set((row) => ({ failure, failing_since: row.fn.coalesce('failing_since', row.val(now)) }))
    .where('sink', '=', sink)
    .execute();
}
