import type { Kysely } from 'kysely';
import { RECORD_KINDS, kindOf, type RecordKind } from '#shared/audit-log/record-kinds.js';
import type { RecordHeader } from '#shared/audit-log/record-header.js';
import type { Database } from '../../storage/schema.js';
import { expiredAmong } from '../retention/expirations.js';
import { openPayload, type OpenedPayload } from '../sealed-payload.js';
import type { SubjectKey, SubjectKeys } from '../subject-keys.js';

export type Payload =
  | ({ readonly state: 'shown' } & OpenedPayload)
  | { readonly state: 'withheld' | 'erased' | 'expired' | 'damaged' };

/** The personal data of these records, by record id; `open: false` tells only what of it there is. */
export async function loadPayloads(
  db: Kysely<Database>,
  keys: SubjectKeys,
  headers: readonly RecordHeader[],
  open: boolean,
): Promise<Map<string, Payload>> {
  if (headers.length === 0) return new Map();
  const byRecord = new Map<string, StoredPayload>();
  for (const [kind, own] of Map.groupBy(headers, ({ type }) => kindOf(type))) {
    for (const row of await storedPayloads(db, kind, own, open)) byRecord.set(row.record_id, row);
  }
  const missing = headers.filter(({ id }) => !byRecord.has(id));
  const expired = await expiredAmong(db, missing);
  // A type may have been of another kind when the record was written.
  const astray = missing.filter(({ id }) => !expired.has(id));
  for (const kind of astray.length > 0 ? RECORD_KINDS : []) {
    for (const row of await storedPayloads(db, kind, astray, open)) byRecord.set(row.record_id, row);
  }
  const subjectKeys = await keys.find(db, [...new Set([...byRecord.values()].map(({ subject }) => subject))]);
  return new Map(
    headers.map((header) => {
      const row = byRecord.get(header.id);
      if (expired.has(header.id)) return [header.id, { state: 'expired' }];
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

/** By kind and id, from which PostgreSQL knows the partitions that it has to look into; that costs it less for one kind at a time. */
async function storedPayloads(
  db: Kysely<Database>,
  kind: RecordKind,
  headers: readonly RecordHeader[],
  open: boolean,
): Promise<StoredPayload[]> {
  const ids = headers.map(({ id }) => id);
  const rows = db
    .selectFrom('audit_payloads')
    .select(['record_id', 'subject'])
    .where('kind', '=', kind)
    .where('record_id', 'in', ids);
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
