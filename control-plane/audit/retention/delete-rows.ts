import { setTimeout as delay } from 'node:timers/promises';
import { sql, type Kysely } from 'kysely';
import { kindOf } from '#shared/audit-log/record-kinds.js';
import { boundsOf, firstIdAt } from '#shared/audit-log/record-month.js';
import { engineOf } from '../../storage/engine.js';
import type { Database } from '../../storage/schema.js';
import type { Step } from './drop-partition.js';
import type { MonthOfKind } from './due-months.js';

/** Few enough that no call waits for 50 ms on SQLite, where one writes at a time. */
const ROWS = 100;
const LOOKED_AT = 500;
/** Between two steps, for those who wait. */
const PAUSE_MS = 5;
const PAGES = 100;

/** What no partition took with it: on SQLite all of it, on PostgreSQL what is in the default partition. False where a hold keeps it. */
export async function deletePayloads(step: Step, month: MonthOfKind): Promise<boolean> {
  for (;;) {
    let deleted = 0;
    const goesOn = await step(async (transaction) => void (deleted = await deleteSome(transaction, month)));
    if (!goesOn || deleted === 0) return goesOn;
    await delay(PAUSE_MS);
  }
}

/** How many there were. */
async function deleteSome(db: Kysely<Database>, { kind, month }: MonthOfKind): Promise<number> {
  const [first, end] = idsOf(month);
  const rows = await db
    .selectFrom('audit_payloads')
    .select('record_id')
    .where('kind', '=', kind)
    .where('record_id', '>=', first)
    .where('record_id', '<', end)
    .orderBy('record_id')
    .limit(ROWS)
    .execute();
  const ids = rows.map(({ record_id: id }) => id);
  if (ids.length === 0) return 0;
  await db.deleteFrom('audit_payloads').where('kind', '=', kind).where('record_id', 'in', ids).execute();
  return ids.length;
}

/**
 * What search knows of them. The oldest first: an outcome that went before its intent would leave a call that looks as if it
 * were still open. False where a hold keeps it.
 */
export async function deleteIndexRows(
  db: Kysely<Database>,
  step: Step,
  { kind, month }: MonthOfKind,
): Promise<boolean> {
  const [first, end] = idsOf(month);
  for (let after = first; ;) {
    const rows = await db
      .selectFrom('audit_index')
      .select(['record_id', 'type'])
      .where('record_id', '>', after)
      .where('record_id', '<', end)
      .orderBy('record_id')
      .limit(LOOKED_AT)
      .execute();
    const ids = rows.filter(({ type }) => kindOf(type) === kind).map(({ record_id: id }) => id);
    for (let at = 0; at < ids.length; at += ROWS) {
      const some = ids.slice(at, at + ROWS);
      const goesOn = await step(
        async (transaction) =>
          void (await transaction.deleteFrom('audit_index').where('record_id', 'in', some).execute()),
      );
      if (!goesOn) return false;
      await delay(PAUSE_MS);
    }
    const last = rows.at(-1);
    if (last === undefined) return true;
    after = last.record_id;
  }
}

/** Gives free pages back to the file system, a few at a time. An SQLite file from before 015 keeps them, for what comes. */
export async function shrinkFile(db: Kysely<Database>, signal: AbortSignal): Promise<void> {
  if (engineOf(db) !== 'sqlite') return;
  for (let free = await freePages(db); free > 0 && !signal.aborted;) {
    await sql.raw(`pragma incremental_vacuum(${PAGES})`).execute(db);
    await delay(PAUSE_MS);
    const left = await freePages(db);
    if (left >= free) return;
    free = left;
  }
}

async function freePages(db: Kysely<Database>): Promise<number> {
  const { rows } = await sql<{ freelist_count: number }>`pragma freelist_count`.execute(db);
  return rows[0]?.freelist_count ?? 0;
}

/** The ids of a month lie from the first on, and below the second. */
function idsOf(month: string): readonly [string, string] {
  const { start, end } = boundsOf(month);
  return [firstIdAt(start), firstIdAt(end)];
}
