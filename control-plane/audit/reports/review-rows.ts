import type { Kysely } from 'kysely';
import type { AccessReviewRow } from '#shared/api/audit-reports.js';
import type { Database } from '../../storage/schema.js';
import type { ListedNames } from './listed-names.js';
import type { KeyedRow } from './page-rows.js';
import type { Reach } from './read-reach.js';
import { isDenied, tally, timeText } from './tally.js';

const MOST = 10_000;
const MOST_TOOLS = 50;

/** What lets people in at one server, beside policies: by person. */
export interface Standing {
  readonly grants: ReadonlyMap<string, readonly string[]>;
  readonly connected: ReadonlySet<string>;
}

/** The grants that hold at `now` (epoch milliseconds) and the accounts that are connected. */
export async function readStanding(db: Kysely<Database>, server: string, now: number): Promise<Standing> {
  const grants = await db
    .selectFrom('grants')
    .select(['id', 'person_id'])
    .where('server', '=', server)
    .where('ended_at', 'is', null)
    .where('expires_at', '>', now)
    .orderBy('id')
    .limit(MOST)
    .execute();
  const connections = await db
    .selectFrom('connections')
    .select('person_id')
    .where('server', '=', server)
    .where('state', '=', 'active')
    .orderBy('person_id')
    .limit(MOST)
    .execute();
  const byPerson = Map.groupBy(grants, ({ person_id: person }) => person);
  return {
    grants: new Map([...byPerson].map(([person, own]) => [person, own.map(({ id }) => id)])),
    connected: new Set(connections.map(({ person_id: person }) => person)),
  };
}

/** Everyone who called, holds a grant or has connected an account, called or not. */
export function reviewRows(
  reach: readonly Reach[],
  { grants, connected }: Standing,
  names: ListedNames,
): KeyedRow<AccessReviewRow>[] {
  const calls = Map.groupBy(reach, ({ subject }) => subject);
  const people = new Set([...calls.keys(), ...grants.keys(), ...connected]);
  return [...people].map((id) => {
    const row: AccessReviewRow = {
      person: names.person(id),
      ...usage(calls.get(id) ?? [], names),
      grants: [...(grants.get(id ?? '') ?? [])],
      connected: connected.has(id ?? ''),
    };
    return { key: [id ?? ''], row };
  });
}

type Usage = Pick<AccessReviewRow, 'groups' | 'tools' | 'calls' | 'denied' | 'lastUsed'>;

function usage(calls: readonly Reach[], names: ListedNames): Usage {
  const newest = calls.toSorted((one, other) => other.last - one.last);
  const [latest] = newest;
  if (latest === undefined) return { groups: null, tools: [], calls: 0, denied: 0, lastUsed: null };
  const allowed = newest.filter((one) => !isDenied(one));
  const groups = names.members(latest.groupSet);
  const { calls: count, denied } = tally(calls);
  return {
    groups: groups === null ? null : [...groups],
    tools: [...new Set(allowed.map(({ target }) => target))].toSorted().slice(0, MOST_TOOLS),
    calls: count,
    denied,
    lastUsed: allowed[0] === undefined ? null : timeText(allowed[0].last),
  };
}
