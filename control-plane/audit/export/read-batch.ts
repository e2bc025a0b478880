import type { Kysely } from 'kysely';
import { parseHeader, type RecordHeader } from '#shared/audit-log/record-header.js';
import type { Database } from '../../storage/schema.js';
import { DeliveryFailure } from '../delivery/delivery-failure.js';
import { loadPayloads, type Payload } from '../search/load-payloads.js';
import type { SubjectKeys } from '../subject-keys.js';
import type { ExportedRecord } from './exported-record.js';

interface Sources {
  readonly db: Kysely<Database>;
  readonly keys: SubjectKeys;
}

/** At most `limit` records from index `from` on, in the log's order. Throws where one is missing or not what was logged. */
export async function readBatch({ db, keys }: Sources, from: number, limit: number): Promise<ExportedRecord[]> {
  const rows = await db
    .selectFrom('audit_records')
    .select(['idx', 'header'])
    .where('idx', '>=', from)
    .orderBy('idx')
    .limit(limit)
    .execute();
  const headers = rows.map(({ idx, header }, offset) => {
    const parsed = parseHeader(header);
    if (idx !== from + offset || !parsed)
      throw new DeliveryFailure(
        `record ${from + offset} of the audit log is missing or damaged: run \`mcp-sso audit verify\``,
      );
    return parsed;
  });
  const payloads = await loadPayloads(db, keys, headers, true);
  return headers.map((header, offset) => exportedRecord(from + offset, header, payloads.get(header.id)));
}

function exportedRecord(idx: number, header: RecordHeader, payload: Payload | undefined): ExportedRecord {
  if (payload?.state === 'shown') return { idx, header, personal: payload.personal, payload: 'shown' };
  return { idx, header, personal: {}, payload: missing(payload) };
}

function missing(payload: Payload | undefined): Exclude<ExportedRecord['payload'], 'shown'> {
  return payload?.state === 'erased' || payload?.state === 'expired' ? payload.state : 'damaged';
}
