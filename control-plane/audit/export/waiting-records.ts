import type { Kysely } from 'kysely';
import { parseHeader } from '#shared/audit-log/record-header.js';
import type { Database } from '../../storage/schema.js';

/** What a sink does not have yet. */
export interface WaitingRecords {
  readonly records: number;
  /** Epoch milliseconds of the oldest; undefined where none waits. */
  readonly since: number | undefined;
}

/** `next`: index of the first record that the sink does not have. */
export async function waitingRecords(db: Kysely<Database>, next: number): Promise<WaitingRecords> {
  const last = await db.selectFrom('audit_records').select('idx').orderBy('idx', 'desc').limit(1).executeTakeFirst();
  if (!last || last.idx < next) return { records: 0, since: undefined };
  const first = await db.selectFrom('audit_records').select('header').where('idx', '=', next).executeTakeFirst();
  return { records: last.idx + 1 - next, since: first && parseHeader(first.header)?.ts };
}

/**
 * Milliseconds that a sink is behind. A record that cannot be read has no age; the export has stood there since it failed.
 * `failingSince` and `now`: epoch milliseconds.
 */
export function behindMs({ records, since }: WaitingRecords, failingSince: number | null, now: number): number {
  if (records === 0) return 0;
  return Math.max(0, now - (since ?? now), now - (failingSince ?? now));
}
