import type { Kysely } from 'kysely';
import type { RecordHeader } from '#shared/audit-log/record-header.js';
import type { Database } from '../../storage/schema.js';
import type { RecordFacts, RecordPersonal, RecordType } from '../record.js';
import type { SubjectKeys } from '../subject-keys.js';
import type { Position } from './cursor.js';
import { loadPayloads, type Payload } from './load-payloads.js';
import { loadHeaders } from './load-records.js';

/** One call as it was decided when it was made. */
export interface RecordedCall extends Position {
  readonly facts: RecordFacts;
  /** In full, where that can still be read. */
  readonly target: string | undefined;
  /** What policies read of it, as it was recorded; undefined where nothing was, or it can't be read any more. */
  readonly input: string | undefined;
  readonly reason: string | undefined;
  readonly payload: Payload['state'];
}

export interface CallRange {
  /** Epoch milliseconds; `until` is exclusive. */
  readonly since: number;
  readonly until: number;
  /** The last of the batch before. */
  readonly after: Position | undefined;
  readonly limit: number;
}

const CALLS: readonly RecordType[] = ['tool.call', 'resource.read', 'prompt.get', 'method.use'];

interface Sources {
  readonly db: Kysely<Database>;
  readonly keys: SubjectKeys;
}

/** One batch of what was decided about calls, oldest first. Throws `audit_unavailable` where a record is damaged. */
export async function recordedCalls(sources: Sources, range: CallRange): Promise<RecordedCall[]> {
  const { since, until, after, limit } = range;
  let query = sources.db
    .selectFrom('audit_index')
    .select(['ts', 'record_id as id'])
    .where('phase', '!=', 'outcome')
    .where('type', 'in', CALLS)
    .where('ts', '>=', after?.ts ?? since)
    .where('ts', '<', until)
    .orderBy('ts')
    .orderBy('record_id')
    .limit(limit);
  if (after !== undefined) {
    query = query.where((row) => row.or([row('ts', '>', after.ts), row('record_id', '>', after.id)]));
  }
  return loadCalls(sources, await query.execute());
}

/** How many there are. */
export async function countCalls(
  { db }: Sources,
  { since, until }: Pick<CallRange, 'since' | 'until'>,
): Promise<number> {
  const { calls } = await db
    .selectFrom('audit_index')
    .select(({ fn }) => fn.countAll<number | string>().as('calls'))
    .where('phase', '!=', 'outcome')
    .where('type', 'in', CALLS)
    .where('ts', '>=', since)
    .where('ts', '<', until)
    .executeTakeFirstOrThrow();
  return Number(calls);
}

/** The call with this record, or undefined: for anything that is no call too. */
export async function recordedCall(sources: Sources, id: string): Promise<RecordedCall | undefined> {
  const place = await sources.db
    .selectFrom('audit_index')
    .select(['ts', 'record_id as id'])
    .where('record_id', '=', id)
    .where('phase', '!=', 'outcome')
    .where('type', 'in', CALLS)
    .executeTakeFirst();
  const [found] = place === undefined ? [] : await loadCalls(sources, [place]);
  return found;
}

async function loadCalls({ db, keys }: Sources, places: readonly Position[]): Promise<RecordedCall[]> {
  const headers = await loadHeaders(
    db,
    places.map(({ id }) => id),
  );
  const payloads = await loadPayloads(db, keys, [...headers.values()], true);
  return places.flatMap((place) => {
    const header = headers.get(place.id);
    return header === undefined ? [] : [callOf(place, header, payloads.get(place.id) ?? { state: 'damaged' })];
  });
}

function callOf(place: Position, header: RecordHeader, payload: Payload): RecordedCall {
  const { policyInput: input, reason, target }: RecordPersonal = payload.state === 'shown' ? payload.personal : {};
  const facts: RecordFacts = header.facts;
  return { ...place, facts, target: target ?? facts.target, input, reason, payload: payload.state };
}
