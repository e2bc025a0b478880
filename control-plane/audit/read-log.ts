import type { Kysely } from 'kysely';
import type { AuditLog } from '#shared/api/audit.js';
import type { Disclosure } from '#shared/audit-log/receipt.js';
import { parseHeader } from '#shared/audit-log/record-header.js';
import type { Database } from '../storage/schema.js';
import { fitPage } from './page-size.js';
import type { RecordLog } from './record-log.js';
import { loadPayloads } from './search/load-payloads.js';
import type { SubjectKeys } from './subject-keys.js';
import { disclosed } from './tree/disclosed.js';

const PAGE = 5000;
/** Of records with their personal part, which is most of them. */
const PAGE_WITH_PAYLOADS = 1000;

interface LogSources {
  readonly db: Kysely<Database>;
  readonly keys: SubjectKeys;
  readonly records: RecordLog;
}

interface LogPage {
  /** Index of the first. */
  readonly from: number;
  /** Whether the personal part is shown. */
  readonly payloads: boolean;
}

/** At most 5,000 headers from index `from` on, fewer where they are long; ends before a gap, so that a reader sees which record is missing. */
export async function readLog({ db, keys, records }: LogSources, { from, payloads }: LogPage): Promise<AuditLog> {
  const { checkpoint, size, signer } = records;
  const rows = await db
    .selectFrom('audit_records')
    .select(['idx', 'id', 'header', 'leaf'])
    .where('idx', '>=', from)
    .where('idx', '<', size)
    .orderBy('idx')
    .limit(payloads ? PAGE_WITH_PAYLOADS : PAGE)
    .execute();
  const gap = rows.findIndex(({ idx }, offset) => idx !== from + offset);
  const dense = gap < 0 ? rows : rows.slice(0, gap);
  const texts = dense.map(({ header }) => header);
  const shown = await disclosedOf({ db, keys }, texts, payloads);
  const page = fitPage(
    dense.map(({ id, header, leaf }, at) => ({ header, leaf: leafOf(id, header, leaf), payload: shown[at] })),
  );
  return {
    from,
    headers: page.map(({ header }) => header),
    leaves: page.map(({ leaf }) => leaf),
    payloads: page.flatMap(({ payload }) => payload ?? []),
    checkpoint,
    verifierKey: signer.verifierKey,
  };
}

/** Empty where the record is kept under an id that is not its own: no reader takes it for unchanged then. */
function leafOf(id: string, header: string, leaf: Buffer): string {
  return header.includes(`"id":"${id}"`) ? leaf.toString('base64') : '';
}

/** One for each header; of one that is damaged nothing is known. */
async function disclosedOf(
  { db, keys }: Pick<LogSources, 'db' | 'keys'>,
  texts: readonly string[],
  open: boolean,
): Promise<Disclosure[]> {
  const headers = texts.map(parseHeader);
  const known = headers.filter((header) => header !== undefined);
  const payloads = await loadPayloads(db, keys, known, open);
  return headers.map((header) => disclosed(header && payloads.get(header.id)));
}
