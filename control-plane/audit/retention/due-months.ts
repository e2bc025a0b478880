import { RECORD_KINDS, type RecordKind } from '#shared/audit-log/record-kinds.js';
import { boundsOf, monthAt, nextMonth } from '#shared/audit-log/record-month.js';
import { daysOf, type RetentionSettings } from '../../config/retention-settings.js';

const DAY_MS = 86_400_000;

/** What goes together: the records of one kind that were made in one month (`2026-11`, UTC). */
export interface MonthOfKind {
  readonly kind: RecordKind;
  readonly month: string;
}

/**
 * The months from `oldest` on whose youngest record is past its days at `now` (epoch milliseconds), and that are not
 * `done`; the oldest first.
 */
export function dueMonths(
  oldest: string,
  retention: RetentionSettings,
  now: number,
  done: readonly MonthOfKind[],
): MonthOfKind[] {
  const gone = new Set(done.map(named));
  const due: MonthOfKind[] = [];
  for (let month = oldest; month < monthAt(now); month = nextMonth(month)) {
    for (const kind of RECORD_KINDS) {
      const isPast = boundsOf(month).end + daysOf(retention[kind]) * DAY_MS <= now;
      if (isPast && !gone.has(named({ kind, month }))) due.push({ kind, month });
    }
  }
  return due;
}

function named({ kind, month }: MonthOfKind): string {
  return `${kind}/${month}`;
}
