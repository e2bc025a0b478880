import type { Kysely } from 'kysely';
import { boundsOf, firstIdAt } from '#shared/audit-log/record-month.js';
import type { Database } from '../../storage/schema.js';
import type { MonthOfKind } from './due-months.js';

const HOUR_MS = 3_600_000;

/** How many records of a month have a personal part, and ids of the first and the last of them. */
export interface MonthContent {
  readonly records: number;
  readonly first: string;
  readonly last: string;
}

/** Undefined where there are none. Hour by hour, so that no call waits for a count of millions. */
export async function countMonth(
  db: Kysely<Database>,
  { kind, month }: MonthOfKind,
): Promise<MonthContent | undefined> {
  const { start, end } = boundsOf(month);
  let content: MonthContent | undefined;
  for (let hour = start; hour < end; hour += HOUR_MS) {
    const { records, first, last } = await db
      .selectFrom('audit_payloads')
      .select(({ fn }) => [
        fn.countAll<number | string>().as('records'),
        fn.min('record_id').as('first'),
        fn.max('record_id').as('last'),
      ])
      .where('kind', '=', kind)
      .where('record_id', '>=', firstIdAt(hour))
      .where('record_id', '<', firstIdAt(hour + HOUR_MS))
      .executeTakeFirstOrThrow();
    if (first !== null && last !== null) {
      content = { records: (content?.records ?? 0) + Number(records), first: content?.first ?? first, last };
    }
  }
  return content;
}
