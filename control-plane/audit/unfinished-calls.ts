import { parseHeader, type RecordHeader } from '#shared/audit-log/record-header.js';
import type { Kysely } from 'kysely';
import type { Database } from '../storage/schema.js';
import type { NewRecord, RecordFacts, RecordType } from './record.js';

const PAGE = 1_000;

/**
 * Outcomes for the intents since the last start that have none, at most a thousand: the process that wrote them ended
 * under its calls. True only where this process is alone on its database.
 */
export async function outcomesOfUnfinished(db: Kysely<Database>): Promise<NewRecord[]> {
  const rows = await db
    .selectFrom('audit_index')
    .innerJoin('audit_records', 'audit_records.id', 'audit_index.record_id')
    .select('audit_records.header')
    .where('audit_index.phase', '=', 'intent')
    .where('audit_index.ts', '>=', await lastStart(db))
    .where((row) =>
      row.not(
        row.exists(
          row
            .selectFrom('audit_index as outcome')
            .select('outcome.ref')
            .whereRef('outcome.ref', '=', 'audit_index.record_id'),
        ),
      ),
    )
    .limit(PAGE)
    .execute();
  return rows.flatMap(({ header }) => {
    const intent = parseHeader(header);
    return intent === undefined ? [] : [unknownOutcome(intent)];
  });
}

/** Epoch milliseconds; 0 where none is on record. */
async function lastStart(db: Kysely<Database>): Promise<number> {
  const start = await db
    .selectFrom('audit_index')
    .select('ts')
    .where('type', '=', 'system.start')
    .orderBy('ts', 'desc')
    .limit(1)
    .executeTakeFirst();
  return start?.ts ?? 0;
}

function unknownOutcome({ id, type, facts }: RecordHeader): NewRecord {
  const { person, session, client, server, target } = facts as RecordFacts;
  const known = Object.entries({ person, session, client, server, target }).filter(([, fact]) => fact !== undefined);
  return {
    type: type as RecordType,
    phase: 'outcome',
    ref: id,
    facts: { ...Object.fromEntries(known), outcome: 'unknown', code: 'outcome_unknown' },
    subject: 'system',
    personal: {},
  };
}
