import { setTimeout as delay } from 'node:timers/promises';
import { sql, type Kysely } from 'kysely';
import { engineOf } from '../../storage/engine.js';
import { monthPartition } from '../../storage/payload-partitions.js';
import type { Database } from '../../storage/schema.js';
import type { MonthOfKind } from './due-months.js';

/** A drop locks everyone out of the kind: it gives up before a call would notice, and comes again. */
const LOCK_WAIT = "set local lock_timeout = '100ms'";
const ATTEMPTS = 20;
const PAUSE_MS = 250;
/** PostgreSQL's `lock_not_available`. */
const LOCKED = '55P03';

/** Runs a step of an expiry in a transaction of its own; false where a hold keeps the month. */
export type Step = (work: (transaction: Kysely<Database>) => Promise<void>) => Promise<boolean>;

/**
 * Drops the partition of a month on PostgreSQL, in one moment; a month without one is left alone. False where a hold keeps
 * it. Rejects where the lock was not to be had for seconds.
 */
export async function dropPartition(db: Kysely<Database>, step: Step, { kind, month }: MonthOfKind): Promise<boolean> {
  if (engineOf(db) !== 'postgres') return true;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await step(async (transaction) => {
        await sql.raw(LOCK_WAIT).execute(transaction);
        await sql`drop table if exists ${sql.table(monthPartition(kind, month))}`.execute(transaction);
      });
    } catch (error) {
      const isLocked = error instanceof Error && 'code' in error && error.code === LOCKED;
      if (!isLocked || attempt === ATTEMPTS) throw error;
      await delay(PAUSE_MS);
    }
  }
}
