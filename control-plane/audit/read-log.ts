import type { Kysely } from 'kysely';
import type { AuditLog } from '#shared/api/audit.js';
import type { Database } from '../storage/schema.js';
import { fitPage } from './page-size.js';
import type { RecordLog } from './record-log.js';

const PAGE = 5000;

/** At most 5,000 headers from index `from` on, fewer where they are long; ends before a gap, so that a reader sees which record is missing. */
export async function readLog(db: Kysely<Database>, records: RecordLog, from: number): Promise<AuditLog> {
  const { checkpoint, size, signer } = records;
  const rows = await db
    .selectFrom('audit_records')
    .select(['idx', 'header', 'leaf'])
    .where('idx', '>=', from)
    .where('idx', '<', size)
    .orderBy('idx')
    .limit(PAGE)
    .execute();
  const gap = rows.findIndex(({ idx }, offset) => idx !== from + offset);
  const dense = gap < 0 ? rows : rows.slice(0, gap);
  const page = fitPage(dense.map(({ header, leaf }) => ({ header, leaf: leaf.toString('base64') })));
  return {
    from,
    headers: page.map(({ header }) => header),
    leaves: page.map(({ leaf }) => leaf),
    checkpoint,
    verifierKey: signer.verifierKey,
  };
}
