import type { Kysely } from 'kysely';
import { CompactRange } from '#shared/audit-log/merkle-tree.js';
import { parseHeader } from '#shared/audit-log/record-header.js';
import { openCheckpoint } from '#shared/audit-log/open-checkpoint.js';
import { CodedError } from '#shared/errors.js';
import type { Database } from '../storage/schema.js';
import type { LogSigner } from './log/log-signer.js';

const PAGE = 10_000;

/** Adds the stored leaves that the range does not have yet. Throws `audit_unavailable` where a record is missing. */
export async function restoreRange(
  db: Kysely<Database>,
  range: CompactRange = new CompactRange(),
): Promise<CompactRange> {
  for (;;) {
    const rows = await db
      .selectFrom('audit_records')
      .select(['idx', 'leaf'])
      .where('idx', '>=', range.size)
      .orderBy('idx')
      .limit(PAGE)
      .execute();
    for (const { idx, leaf } of rows) {
      if (idx !== range.size) throw tampered(`record ${range.size} is missing`);
      range.append(leaf);
    }
    if (rows.length < PAGE) return range;
  }
}

/** Time of the last record (epoch milliseconds), 0 in an empty log: the log's clock never runs backwards. */
export async function lastTime(db: Kysely<Database>): Promise<number> {
  const last = await db.selectFrom('audit_records').select('header').orderBy('idx', 'desc').executeTakeFirst();
  if (!last) return 0;
  const header = parseHeader(last.header);
  if (!header) throw tampered('the last record is not canonical');
  return header.ts;
}

/** Throws `audit_unavailable` unless the range is what was signed when its last record was written. */
export function checkAgainstNote(range: CompactRange, note: string | undefined, signer: LogSigner): void {
  if (note === undefined) throw tampered('its checkpoint is missing');
  const origin = note.slice(0, note.indexOf('\n'));
  const signed = openCheckpoint(note, signer.verifierKeyFor(origin));
  if (!signed) throw tampered('its checkpoint is not signed by its key');
  if (signed.size !== range.size) throw tampered(`${signed.size} records were signed and ${range.size} are there`);
  if (!signed.root.equals(range.root())) throw tampered('a record is not the one that was signed');
}

export function tampered(what: string): CodedError {
  return new CodedError('audit_unavailable', {
    message: `The audit log in the database was changed from outside: ${what}. Keep a copy for the investigation, then restore the whole database from a backup.`,
  });
}
