import type { Kysely } from 'kysely';
import { parseHeader } from '#shared/audit-log/record-header.js';
import type { Database } from '../../storage/schema.js';
import { readPosition } from '../export/export-positions.js';

/** How much later than its id a record may stand in the log. */
const LATE_MS = 3_600_000;

/** Those of these sinks that may not have every record that was made before `end` (epoch milliseconds). */
export async function sinksBehind(db: Kysely<Database>, sinks: readonly string[], end: number): Promise<string[]> {
  const behind: string[] = [];
  for (const sink of sinks) {
    const { next } = await readPosition(db, sink);
    if (!(await isPast(db, next, end))) behind.push(sink);
  }
  return behind;
}

/** `next`: index of the first record that the sink does not have. */
async function isPast(db: Kysely<Database>, next: number, end: number): Promise<boolean> {
  const waiting = await db
    .selectFrom('audit_records')
    .select('idx')
    .where('idx', '>=', next)
    .limit(1)
    .executeTakeFirst();
  if (waiting === undefined) return true;
  const last = await db
    .selectFrom('audit_records')
    .select('header')
    .where('idx', '=', next - 1)
    .executeTakeFirst();
  const header = last && parseHeader(last.header);
  return header !== undefined && header.ts >= end + LATE_MS;
}
