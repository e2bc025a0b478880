import type { Kysely } from 'kysely';
import { parseHeader, type RecordHeader } from '#shared/audit-log/record-header.js';
import { CodedError } from '#shared/errors.js';
import type { Database } from '../../storage/schema.js';

/** The headers of these records, by id. Throws `audit_unavailable` where one is missing or damaged. */
export async function loadHeaders(db: Kysely<Database>, ids: readonly string[]): Promise<Map<string, RecordHeader>> {
  if (ids.length === 0) return new Map();
  const rows = await db.selectFrom('audit_records').select('header').where('id', 'in', ids).execute();
  if (rows.length < ids.length) throw damaged();
  const headers = rows.map(({ header }) => parsed(header));
  return new Map(headers.map((header) => [header.id, header]));
}

/** The header of one record; undefined where there is none. Throws `audit_unavailable` where it is damaged. */
export async function findHeader(db: Kysely<Database>, id: string): Promise<RecordHeader | undefined> {
  const row = await db.selectFrom('audit_records').select('header').where('id', '=', id).executeTakeFirst();
  return row && parsed(row.header);
}

/** The headers of the outcomes of these intents, by the intent's id. */
export async function loadOutcomes(
  db: Kysely<Database>,
  intents: readonly string[],
): Promise<Map<string, RecordHeader>> {
  if (intents.length === 0) return new Map();
  const rows = await db
    .selectFrom('audit_index')
    .innerJoin('audit_records', 'audit_records.id', 'audit_index.record_id')
    .select(['audit_index.ref', 'audit_records.header'])
    .where('audit_index.ref', 'in', intents)
    .execute();
  return new Map(rows.map(({ ref, header }) => [ref!, parsed(header)]));
}

function parsed(text: string): RecordHeader {
  const header = parseHeader(text);
  if (header) return header;
  throw damaged();
}

function damaged(): CodedError {
  return new CodedError('audit_unavailable', {
    message: 'A record of the audit log is missing or damaged. Run `mcp-sso audit verify` to see which.',
  });
}
