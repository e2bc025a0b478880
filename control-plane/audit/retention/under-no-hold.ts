import type { Kysely } from 'kysely';
import { boundsOf } from '#shared/audit-log/record-month.js';
import type { Database } from '../../storage/schema.js';
import type { StorageService } from '../../storage/storage.service.js';
import { writeTransaction } from '../../storage/write-transaction.js';
import { activeHolds } from '../legal-holds/hold-rows.js';
import { holdsOver, type LegalHold } from '../legal-holds/legal-hold.js';
import type { MonthOfKind } from './due-months.js';

/** The longest call (`limits.callSeconds`): an outcome is held with its call, which may be of the month before. */
const CALL_MS = 86_400_000;
/** The time of a record may be minutes after that of its id. */
const LATE_MS = 3_600_000;

/**
 * Does `work` in a transaction in which no hold comes or goes, unless one may cover a record of the month: then nothing of the
 * month goes, also what the hold does not cover. Resolves to the holds that keep it.
 */
export async function underNoHold(
  storage: Pick<StorageService, 'db' | 'seal' | 'open'>,
  { month }: MonthOfKind,
  work: (transaction: Kysely<Database>) => Promise<void>,
): Promise<readonly LegalHold[]> {
  const { start, end } = boundsOf(month);
  return writeTransaction(storage.db, 'legal-holds', async (transaction) => {
    const active = await activeHolds(transaction, storage);
    const holds = holdsOver(active, { from: start - CALL_MS, to: end + LATE_MS });
    if (holds.length === 0) await work(transaction);
    return holds;
  });
}
