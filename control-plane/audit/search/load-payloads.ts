import type { Kysely } from 'kysely';
import type { RecordHeader } from '#shared/audit-log/record-header.js';
import type { Database } from '../../storage/schema.js';
import { openPayload, type OpenedPayload } from '../sealed-payload.js';
import type { SubjectKey, SubjectKeys } from '../subject-keys.js';

export type Payload =
  | ({ readonly state: 'shown' } & OpenedPayload)
  | { readonly state: 'withheld' | 'erased' | 'damaged' };

/** The personal data of these records, by record id; `open: false` tells only what is erased. */
export async function loadPayloads(
  db: Kysely<Database>,
  keys: SubjectKeys,
  headers: readonly RecordHeader[],
  open: boolean,
): Promise<Map<string, Payload>> {
  if (headers.length === 0) return new Map();
  const ids = headers.map(({ id }) => id);
  const rows = await db.selectFrom('audit_payloads').selectAll().where('record_id', 'in', ids).execute();
  const byRecord = new Map(rows.map((row) => [row.record_id, row]));
  const subjectKeys = await keys.find(db, [...new Set(rows.map(({ subject }) => subject))]);
  return new Map(
    headers.map((header) => {
      const row = byRecord.get(header.id);
      return [header.id, payloadOf(header, row?.sealed, subjectKeys.get(row?.subject ?? ''), open)];
    }),
  );
}

function payloadOf(
  header: RecordHeader,
  sealed: Buffer | undefined,
  key: SubjectKey | undefined,
  open: boolean,
): Payload {
  if (!sealed || !key || key.createdAt > header.ts) return { state: 'erased' };
  if (!open) return { state: 'withheld' };
  const opened = openPayload(key.key, header.id, header.payload, sealed);
  return opened ? { state: 'shown', ...opened } : { state: 'damaged' };
}
