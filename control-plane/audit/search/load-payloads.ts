import type { Kysely } from 'kysely';
import type { RecordHeader } from '#shared/audit-log/record-header.js';
import type { Database } from '../../storage/schema.js';
import { openPayload, type OpenedPayload } from '../sealed-payload.js';
import type { SubjectKey, SubjectKeys } from '../subject-keys.js';

export type Payload =
  | ({ readonly state: 'shown' } & OpenedPayload)
  | { readonly state: 'withheld' | 'erased' | 'damaged' };

/** The personal data of these records, by record id; `open: false` tells only what of it there is. */
export async function loadPayloads(
  db: Kysely<Database>,
  keys: SubjectKeys,
  headers: readonly RecordHeader[],
  open: boolean,
): Promise<Map<string, Payload>> {
  if (headers.length === 0) return new Map();
  const ids = headers.map(({ id }) => id);
  const rows = await storedPayloads(db, ids, open);
  const byRecord = new Map(rows.map((row) => [row.record_id, row]));
  const subjectKeys = await keys.find(db, [...new Set(rows.map(({ subject }) => subject))]);
  return new Map(
    headers.map((header) => {
      const row = byRecord.get(header.id);
      return [header.id, payloadOf(header, row, subjectKeys.get(row?.subject ?? ''))];
    }),
  );
}

interface StoredPayload {
  readonly record_id: string;
  readonly subject: string;
  /** Absent where nobody is to open it. */
  readonly sealed?: Buffer;
}

async function storedPayloads(db: Kysely<Database>, ids: readonly string[], open: boolean): Promise<StoredPayload[]> {
  const rows = db.selectFrom('audit_payloads').select(['record_id', 'subject']).where('record_id', 'in', ids);
  return open ? rows.select('sealed').execute() : rows.execute();
}

/** A row or a key that is gone, or is not the one of then, was taken away from outside: erasing leaves both in their place. */
function payloadOf(header: RecordHeader, row: StoredPayload | undefined, key: SubjectKey | undefined): Payload {
  if (!row || !key) return { state: 'damaged' };
  if (key.key === null) return { state: 'erased' };
  if (key.createdAt > header.ts) return { state: 'damaged' };
  if (!row.sealed) return { state: 'withheld' };
  const opened = openPayload(key.key, header.id, header.payload, row.sealed);
  return opened ? { state: 'shown', ...opened } : { state: 'damaged' };
}
