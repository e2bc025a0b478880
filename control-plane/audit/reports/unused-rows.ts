import { sql, type Kysely } from 'kysely';
import type { UnusedReport, UnusedRow } from '#shared/api/audit-reports.js';
import type { Database } from '../../storage/schema.js';
import { fitPage } from '../page-size.js';
import { ListedNames } from './listed-names.js';
import { CALLS_ONLY } from './read-reach.js';
import { timeText } from './tally.js';

const MOST = 1_000;

type Found = Omit<UnusedRow, 'person' | 'since' | 'lastUsed'> & {
  readonly person: string | null;
  readonly since: number | null;
  readonly lastUsed: number | null;
};

/**
 * What no call made use of since `since` (epoch milliseconds): grants and approvals given since then, connections that people
 * hold, and these policies of the revision in force that permit something.
 */
export async function findUnused(
  db: Kysely<Database>,
  since: number,
  now: number,
  permits: readonly string[],
): Promise<UnusedReport> {
  const lists = [
    await unusedGrants(db, since),
    await unusedApprovals(db, since, now),
    await unusedConnections(db, since),
    await unusedPolicies(db, since, permits),
  ];
  const found = lists.flatMap((list) => list.slice(0, MOST));
  const names = new ListedNames(db);
  await names.load(found.map(({ person }) => person));
  const rows = fitPage(found.map((row): UnusedRow => listed(row, names)));
  return { rows, more: rows.length < found.length || lists.some((list) => list.length > MOST) };
}

async function unusedGrants(db: Kysely<Database>, since: number): Promise<Found[]> {
  const rows = await db
    .selectFrom('grants')
    .select(['id', 'person_id as person', 'server', 'tool', 'created_at as since'])
    .where('created_at', '>=', since)
    .where((row) =>
      row.not(
        row.exists(
          row.selectFrom('audit_index').select('record_id').where(CALLS_ONLY).whereRef('grant_id', '=', 'grants.id'),
        ),
      ),
    )
    .orderBy('created_at')
    .limit(MOST + 1)
    .execute();
  return rows.map(({ id, person, server, tool, since: given }) => ({
    kind: 'grant',
    id,
    person,
    server,
    tool,
    since: given,
    lastUsed: null,
  }));
}

/** Those that ran out before the call came once more. */
async function unusedApprovals(db: Kysely<Database>, since: number, now: number): Promise<Found[]> {
  const rows = await db
    .selectFrom('approvals')
    .select(['id', 'person_id as person', 'server', 'target as tool', 'decided_at as since'])
    .where('state', '=', 'approved')
    .where('created_at', '>=', since)
    .where('expires_at', '<=', now)
    .orderBy('created_at')
    .limit(MOST + 1)
    .execute();
  return rows.map(({ id, person, server, tool, since: given }) => ({
    kind: 'approval',
    id,
    person,
    server,
    tool,
    since: given,
    lastUsed: null,
  }));
}

async function unusedConnections(db: Kysely<Database>, since: number): Promise<Found[]> {
  const rows = await db
    .selectFrom('connections')
    .select(['id', 'person_id as person', 'server', 'created_at as since', 'last_used_at as lastUsed'])
    .where('last_used_at', '<', since)
    .orderBy('last_used_at')
    .limit(MOST + 1)
    .execute();
  return rows.map(({ id, person, server, since: made, lastUsed }) => ({
    kind: 'connection',
    id,
    person,
    server,
    tool: null,
    since: made,
    lastUsed,
  }));
}

async function unusedPolicies(db: Kysely<Database>, since: number, permits: readonly string[]): Promise<Found[]> {
  const { rows } = await sql<{ member: string; last: number | string | null }>`
    select s.member as member,
      max((select max(i.ts) from audit_index i where i.policy_set = s.id and i.phase <> 'outcome')) as last
    from audit_sets s where s.kind = 'policies' group by s.member`.execute(db);
  const lastUse = new Map(rows.map(({ member, last }) => [member, last === null ? null : Number(last)]));
  return permits.flatMap((id): Found[] => {
    const lastUsed = lastUse.get(id) ?? null;
    if (lastUsed !== null && lastUsed >= since) return [];
    return [{ kind: 'policy', id, person: null, server: null, tool: null, since: null, lastUsed }];
  });
}

function listed({ person, since, lastUsed, ...row }: Found, names: ListedNames): UnusedRow {
  return {
    ...row,
    person: names.person(person),
    since: since === null ? null : timeText(since),
    lastUsed: lastUsed === null ? null : timeText(lastUsed),
  };
}
