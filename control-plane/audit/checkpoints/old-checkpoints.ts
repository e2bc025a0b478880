import type { Kysely } from 'kysely';
import type { Database } from '../../storage/schema.js';

/** Of each place: more than half a day of one a minute, whole. */
const NEWEST = 1_000;
/** How many older ones one round looks at; what it leaves is the next one's. Those of a place that rest are one a day. */
const ROUND = 500;
const DAY_MS = 86_400_000;

interface Kept {
  readonly size: number;
  /** Epoch milliseconds. */
  readonly made_at: number;
}

/**
 * Drops what has left for a place and is old: its newest 1,000 stay, and of each day (UTC) before them the last. Whoever has one
 * that is dropped here can go on to check the log against it: a proof needs the records, and not our copy.
 */
export async function dropOldCheckpoints(db: Kysely<Database>, sink: string): Promise<void> {
  const found = await db
    .selectFrom('audit_published')
    .select(['size', 'made_at', 'published_at'])
    .where('sink', '=', sink)
    .orderBy('size', 'desc')
    .offset(NEWEST - 1)
    .limit(ROUND + 1)
    .execute();
  const gone = new Set(found.filter(({ published_at: at }) => at !== null).map(({ size }) => size));
  const sizes = notLastOfTheirDay(found).filter((size) => gone.has(size));
  if (sizes.length === 0) return;
  await db.deleteFrom('audit_published').where('sink', '=', sink).where('size', 'in', sizes).execute();
}

/** Sizes of those that another of the same day follows. `found`: the largest first, of which the first stays. */
export function notLastOfTheirDay(found: readonly Kept[]): number[] {
  return found.flatMap(({ size, made_at: madeAt }, at) => {
    const next = found[at - 1];
    return next !== undefined && dayOf(next.made_at) === dayOf(madeAt) ? [size] : [];
  });
}

function dayOf(time: number): number {
  return Math.floor(time / DAY_MS);
}
