import type { ExportedRecord } from '../exported-record.js';
import { DeliveryFailure } from '../../delivery/delivery-failure.js';

/** What `_bulk` says of one document. */
export interface BulkItem {
  readonly status: number;
  readonly error?: { readonly type: string } | undefined;
  /** `used` where the document lies with those that could not be indexed. */
  readonly failure_store?: string | undefined;
}

/** Is there already, under the same id. */
const CONFLICT = 409;
const TOO_MANY = 429;
/** What waiting alone does not cure. */
const SLOWLY_MS = 60_000;
const CLASS = /^[a-z_]{1,64}$/;

/**
 * The first of the records that the data stream does not have, in words; undefined where it has all. Of what the other
 * side says only the class of the error is shown: its reason quotes the document.
 */
export function refusedDocument(
  records: readonly ExportedRecord[],
  items: readonly BulkItem[] | undefined,
  dataStream: string,
): DeliveryFailure | undefined {
  if (items?.length !== records.length)
    return new DeliveryFailure('its answer does not say what became of each record');
  const at = items.findIndex((item) => !isTaken(item));
  const [item, record] = [items[at], records[at]];
  if (!item || !record) return undefined;
  const { status } = item;
  const waits = status === TOO_MANY || status >= 500;
  return new DeliveryFailure(`the data stream ${dataStream} did not take record ${record.idx} (${reasonOf(item)})`, {
    retryAfterMs: waits ? undefined : SLOWLY_MS,
  });
}

function isTaken({ status, failure_store: store }: BulkItem): boolean {
  return status === CONFLICT || (status >= 200 && status <= 299 && store !== 'used');
}

function reasonOf({ status, error, failure_store: store }: BulkItem): string {
  if (store === 'used') return 'it lies in the failure store';
  return [...(error && CLASS.test(error.type) ? [error.type] : []), `status ${status}`].join(', ');
}
