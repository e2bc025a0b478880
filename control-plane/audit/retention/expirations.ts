import type { Kysely } from 'kysely';
import { kindOf } from '#shared/audit-log/record-kinds.js';
import type { RecordHeader } from '#shared/audit-log/record-header.js';
import { monthOf } from '#shared/audit-log/record-month.js';
import type { Database } from '../../storage/schema.js';

/** Ids of those whose month has expired by a record of the log: their personal part is gone by right. */
export async function expiredAmong(
  db: Kysely<Database>,
  headers: readonly Pick<RecordHeader, 'id' | 'type'>[],
): Promise<Set<string>> {
  if (headers.length === 0) return new Set();
  const rows = await db
    .selectFrom('audit_expirations')
    .select(['kind', 'month'])
    .where('month', 'in', [...new Set(headers.map(({ id }) => monthOf(id)))])
    .where('record_id', 'is not', null)
    .execute();
  const expired = new Set(rows.map(({ kind, month }) => `${kind} ${month}`));
  return new Set(headers.filter(({ id, type }) => expired.has(`${kindOf(type)} ${monthOf(id)}`)).map(({ id }) => id));
}
