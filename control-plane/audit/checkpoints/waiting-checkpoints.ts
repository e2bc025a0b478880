import type { Kysely } from 'kysely';
import type { AuditPublishedTable } from '../../storage/audit-tables.js';
import type { Database } from '../../storage/schema.js';

/** Checkpoints that wait for one place: more than a week of one a minute. Later ones then cover what these would have. */
const MOST_WAITING = 10_000;

type Made = Pick<AuditPublishedTable, 'size' | 'note' | 'made_at'>;

export interface Waiting {
  readonly count: number;
  /** Epoch milliseconds: when the oldest was made; undefined where none waits. */
  readonly since: number | undefined;
}

/** False where too many wait already, or it was put there before. */
export async function putCheckpoint(db: Kysely<Database>, sink: string, made: Made): Promise<boolean> {
  if ((await waitingAt(db, sink)).count >= MOST_WAITING) return false;
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('audit_published')
    .values({ sink, ...made, published_at: null })
    .onConflict((row) => row.columns(['sink', 'size']).doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}

/** The smallest that has not left yet. */
export async function nextCheckpoint(db: Kysely<Database>, sink: string): Promise<Made | undefined> {
  return db
    .selectFrom('audit_published')
    .select(['size', 'note', 'made_at'])
    .where('sink', '=', sink)
    .where('published_at', 'is', null)
    .orderBy('size')
    .limit(1)
    .executeTakeFirst();
}

export async function markPublished(db: Kysely<Database>, sink: string, size: number, now: number): Promise<void> {
  await db
    .updateTable('audit_published')
    .set({ published_at: now })
    .where('sink', '=', sink)
    .where('size', '=', size)
    .execute();
}

/** The last that was made for a place, waiting or not. */
export async function lastCheckpoint(
  db: Kysely<Database>,
  sink: string,
): Promise<Pick<Made, 'size' | 'made_at'> | undefined> {
  return db
    .selectFrom('audit_published')
    .select(['size', 'made_at'])
    .where('sink', '=', sink)
    .orderBy('size', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** Records that the last checkpoint covers that has left for a place; undefined where none has. */
export async function publishedSize(db: Kysely<Database>, sink: string): Promise<number | undefined> {
  const last = await db
    .selectFrom('audit_published')
    .select('size')
    .where('sink', '=', sink)
    .where('published_at', 'is not', null)
    .orderBy('size', 'desc')
    .limit(1)
    .executeTakeFirst();
  return last?.size;
}

export async function waitingAt(db: Kysely<Database>, sink: string): Promise<Waiting> {
  const { count, since } = await db
    .selectFrom('audit_published')
    .select((row) => [row.fn.countAll<number | string>().as('count'), row.fn.min<number | null>('made_at').as('since')])
    .where('sink', '=', sink)
    .where('published_at', 'is', null)
    .executeTakeFirstOrThrow();
  return { count: Number(count), since: since ?? undefined };
}
