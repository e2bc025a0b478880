import { sql, type Kysely } from 'kysely';
import type { OwnActivityQuery, OwnCalls } from '#shared/api/own-activity.js';
import type { Database } from '../../storage/schema.js';
import { CALLS_ONLY } from './read-reach.js';
import type { RecordFacts, RecordPersonal } from '../record.js';
import type { SubjectKeys } from '../subject-keys.js';
import { loadPayloads } from '../search/load-payloads.js';
import { loadHeaders } from '../search/load-records.js';

interface Sources {
  readonly db: Kysely<Database>;
  readonly keys: SubjectKeys;
}

export interface OwnCallsPage {
  readonly calls: OwnCalls[];
  readonly more: boolean;
}

/**
 * What was called as one person, whose id alone says whose records are read: the latest first, at most `limit` rows.
 * Counts are the index's; what is said of a row comes from its last record and, where calls were refused, the last of those.
 */
export async function findOwnActivity(
  { db, keys }: Sources,
  person: string,
  query: OwnActivityQuery,
): Promise<OwnCallsPage> {
  const found = await ownCalls(db, person, query);
  const rows = found.slice(0, query.limit);
  const records = await openRecords({ db, keys }, person, [
    ...rows.map(({ last_id: id }) => id),
    ...rows.flatMap(({ denied_id: id }) => id ?? []),
  ]);
  const calls = rows.flatMap((row): OwnCalls[] => {
    const last = records.get(row.last_id);
    return last ? [listed(row, last, records.get(row.denied_id ?? ''))] : [];
  });
  return { calls, more: found.length > rows.length };
}

type Row = Awaited<ReturnType<typeof ownCalls>>[number];

async function ownCalls(db: Kysely<Database>, person: string, { since, until, limit }: OwnActivityQuery) {
  return (
    db
      .selectFrom('audit_index')
      .select(['session', 'server', 'target', 'type'])
      .select(({ fn }) => [
        fn.countAll<number | string>().as('calls'),
        fn.min('ts').as('first'),
        fn.max('ts').as('last'),
        fn.max('record_id').as('last_id'),
        sql<number | string>`sum(case when decision = 'deny' then 1 else 0 end)`.as('denied'),
        sql<string | null>`max(case when decision = 'deny' then record_id end)`.as('denied_id'),
      ])
      .where(CALLS_ONLY)
      .where('subject', '=', person)
      .where('ts', '>=', Date.parse(since))
      .$if(until !== undefined, (rows) => rows.where('ts', '<', Date.parse(until!)))
      // The app's claim is in `client`: apps of one sign-in are told apart.
      .groupBy(['session', 'client', 'server', 'target', 'type'])
      .orderBy('last', 'desc')
      .orderBy('last_id', 'desc')
      .limit(limit + 1)
      .execute()
  );
}

interface Opened {
  readonly facts: RecordFacts;
  readonly personal: RecordPersonal;
}

/** The index is derived data: a record that is not of this person by its own header is left out. */
async function openRecords(
  { db, keys }: Sources,
  person: string,
  ids: readonly string[],
): Promise<Map<string, Opened>> {
  const headers = [...(await loadHeaders(db, [...new Set(ids)])).values()].filter(
    ({ facts }) => facts['person'] === person,
  );
  const payloads = await loadPayloads(db, keys, headers, true);
  return new Map(
    headers.map(({ id, facts }) => {
      const payload = payloads.get(id);
      return [id, { facts, personal: payload?.state === 'shown' ? payload.personal : {} }];
    }),
  );
}

function listed(row: Row, { facts, personal }: Opened, refused: Opened | undefined): OwnCalls {
  const denied = {
    count: Number(row.denied),
    reason: refused?.personal.reason ?? null,
    code: refused?.facts.code ?? null,
    reference: row.denied_id ?? '',
  };
  return {
    session: facts.session ?? null,
    claimedApp: personal.claimedClient?.name ?? null,
    actors: [...(facts.actors ?? [])],
    server: facts.server ?? '',
    target: personal.target ?? facts.target ?? '',
    type: row.type,
    calls: Number(row.calls),
    first: new Date(row.first).toISOString(),
    last: new Date(row.last).toISOString(),
    denied: denied.count === 0 ? null : denied,
  };
}
