import { expiryTarget } from '#shared/audit-log/expiry-claims.js';
import type { StorageService } from '../../storage/storage.service.js';
import type { LegalHold } from '../legal-holds/legal-hold.js';
import type { AuditWriter } from '../record.js';
import { countMonth } from './count-month.js';
import { deleteIndexRows, deletePayloads } from './delete-rows.js';
import { dropPartition, type Step } from './drop-partition.js';
import type { MonthOfKind } from './due-months.js';
import { beginExpiry, begunExpiry, noteExpiry } from './expirations.js';
import { underNoHold } from './under-no-hold.js';

export interface ExpiryParts {
  readonly storage: StorageService;
  readonly audit: AuditWriter;
  /** Ends it between two steps. */
  readonly signal: AbortSignal;
}

/**
 * Removes what is personal of a month for good: on record before anything goes, and from where it was left where a process was
 * killed in the middle. Rejects once `signal` is aborted. Resolves to the holds that keep it, none where nothing of it is left. `now`: epoch milliseconds.
 */
export async function expireMonth(
  { storage, audit, signal }: ExpiryParts,
  month: MonthOfKind,
  now: number,
): Promise<readonly LegalHold[]> {
  const { db } = storage;
  let holds: readonly LegalHold[] = [];
  const step: Step = async (work) => {
    signal.throwIfAborted();
    holds = await underNoHold(storage, month, work);
    return holds.length === 0;
  };
  const isDone =
    (await step((transaction) => beginExpiry(transaction, month, now))) &&
    (await putOnRecord({ storage, audit }, month)) &&
    (await dropPartition(db, step, month)) &&
    (await deletePayloads(step, month)) &&
    (await deleteIndexRows(db, step, month));
  if (isDone) await noteExpiry(db, month, { done_at: now });
  return holds;
}

/** A month in which nobody left anything personal has no record: were something missing from it, it would be damage. */
async function putOnRecord(
  { storage: { db }, audit }: Pick<ExpiryParts, 'storage' | 'audit'>,
  month: MonthOfKind,
): Promise<true> {
  const begun = await begunExpiry(db, month);
  if (begun?.record) return true;
  const content = await countMonth(db, month);
  if (content === undefined) return true;
  const facts = { target: expiryTarget(month.kind, month.month), ...content };
  const { id } = await audit.write({ type: 'audit.expire', phase: 'event', facts, subject: 'system', personal: {} });
  await noteExpiry(db, month, { record_id: id });
  return true;
}
