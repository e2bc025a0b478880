import { createHash } from 'node:crypto';
import { sql, type Kysely } from 'kysely';
import { v4 } from 'uuid';
import { z } from 'zod';
import type { PolicyFile } from '../config/settings.js';
import type { Database } from '../storage/schema.js';
import type { StorageService } from '../storage/storage.service.js';

export interface StoredCandidate {
  readonly id: string; // cnd_…
  readonly sha256: string;
  readonly author: string;
  readonly message: string | null;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly endedAt: number | null;
  readonly files: readonly PolicyFile[];
}

/** One call that came out otherwise, as it is counted. */
export interface CountedDifference {
  readonly person: string;
  readonly server: string;
  /** `storedTarget` */
  readonly target: string;
  readonly live: string;
  readonly candidate: string;
  readonly calls: number;
  readonly last: string;
}

const PURPOSE = 'policy-candidates';
const SHOWN = 500;
const MAX_TARGET = 200;
/** Of one candidate. Callers choose names of targets, so that one of them could go on for ever. */
const MOST_DIFFERENCES = 10_000;
const filesSchema = z.array(z.object({ file: z.string(), text: z.string() }));

type Sealing = Pick<StorageService, 'seal' | 'open'>;

/** Ends what was there and stores the next one. */
export async function storeCandidate(
  db: Kysely<Database>,
  sealing: Sealing,
  { files, author, message }: Pick<StoredCandidate, 'files' | 'author' | 'message'>,
  now: number,
): Promise<string> {
  const id = `cnd_${v4().replaceAll('-', '')}`;
  const text = JSON.stringify(files);
  await endCandidates(db, now);
  await db
    .insertInto('policy_candidates')
    .values({
      id,
      sha256: createHash('sha256').update(text).digest('hex'),
      sealed: sealing.seal(PURPOSE, id, Buffer.from(text)),
      author,
      message,
      created_at: now,
      ended_at: null,
    })
    .execute();
  return id;
}

/** True where one was under way. */
export async function endCandidates(db: Kysely<Database>, now: number, id?: string): Promise<boolean> {
  let update = db.updateTable('policy_candidates').set({ ended_at: now }).where('ended_at', 'is', null);
  if (id !== undefined) update = update.where('id', '=', id);
  const { numUpdatedRows } = await update.executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** The last one, under way or ended. */
export async function lastCandidate(db: Kysely<Database>, sealing: Sealing): Promise<StoredCandidate | undefined> {
  const row = await db
    .selectFrom('policy_candidates')
    .selectAll()
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { id, sha256, author, message, created_at: createdAt, ended_at: endedAt } = row;
  const files = filesSchema.parse(JSON.parse(sealing.open(PURPOSE, id, row.sealed).toString()));
  return { id, sha256, author, message, createdAt, endedAt, files };
}

/** Counts them; of those that come when there are `most`, only what is known already. */
export async function countDifferences(
  db: Kysely<Database>,
  id: string,
  differences: readonly CountedDifference[],
  now: number,
  most = MOST_DIFFERENCES,
): Promise<void> {
  if (differences.length === 0) return;
  const { known } = await db
    .selectFrom('candidate_differences')
    .select(({ fn }) => fn.countAll<number | string>().as('known'))
    .where('candidate_id', '=', id)
    .executeTakeFirstOrThrow();
  if (Number(known) >= most) await countAgain(db, id, differences, now);
  else await insertOrCount(db, id, differences, now);
}

async function countAgain(
  db: Kysely<Database>,
  id: string,
  differences: readonly CountedDifference[],
  now: number,
): Promise<void> {
  for (const { person, server, target, live, candidate, calls, last } of differences) {
    await db
      .updateTable('candidate_differences')
      .set((row) => ({ calls: row('calls', '+', calls), last_record: last, last_at: now }))
      .where('candidate_id', '=', id)
      .where('person_id', '=', person)
      .where('server', '=', server)
      .where('target', '=', target)
      .where('live', '=', live)
      .where('candidate', '=', candidate)
      .execute();
  }
}

/**
 * The name of a target as it is kept. PostgreSQL has no text with NUL or half a character in it: one call with such a name, or two
 * whose names are the same there, would end the candidate.
 */
export function storedTarget(name: string): string {
  return name.slice(0, MAX_TARGET).toWellFormed().replaceAll('\0', '\ufffd');
}

async function insertOrCount(
  db: Kysely<Database>,
  id: string,
  differences: readonly CountedDifference[],
  now: number,
): Promise<void> {
  await db
    .insertInto('candidate_differences')
    .values(
      differences.map(({ person, server, target, live, candidate, calls, last }) => {
        return {
          candidate_id: id,
          person_id: person,
          server,
          target,
          live,
          candidate,
          calls,
          last_record: last,
          last_at: now,
        };
      }),
    )
    .onConflict((row) =>
      row.columns(['candidate_id', 'person_id', 'server', 'target', 'live', 'candidate']).doUpdateSet({
        calls: sql<number>`candidate_differences.calls + excluded.calls`,
        last_record: (eb) => eb.ref('excluded.last_record'),
        last_at: (eb) => eb.ref('excluded.last_at'),
      }),
    )
    .execute();
}

/** Most calls first. */
export async function listDifferences(db: Kysely<Database>, id: string): Promise<CountedDifference[]> {
  const rows = await db
    .selectFrom('candidate_differences')
    .select(['person_id as person', 'server', 'target', 'live', 'candidate', 'calls', 'last_record as last'])
    .where('candidate_id', '=', id)
    .orderBy('calls', 'desc')
    .limit(SHOWN)
    .execute();
  return rows;
}
