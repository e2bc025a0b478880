import { sql, type Kysely, type SqlBool } from 'kysely';
import { CodedError } from '#shared/errors.js';
import type { Database } from '../../storage/schema.js';
import type { Condition } from '../search/conditions.js';

/** Calls that are alike, counted. */
export interface Reach {
  readonly server: string;
  /** Null where the index does not say it any more. */
  readonly subject: string | null;
  /** Two lines: the registered client, and what the app claimed to be. Null where apps are not told apart. */
  readonly client: string | null;
  readonly target: string;
  readonly type: string;
  readonly decision: string | null;
  /** Id of the set of the person's groups as of then. */
  readonly groupSet: string | null;
  readonly calls: number;
  /** Epoch milliseconds. */
  readonly first: number;
  readonly last: number;
}

const MAX_ROWS = 200_000;

/** In the words of the partial index `audit_index_calls`. */
export const CALLS_ONLY = sql<SqlBool>`phase <> 'outcome' and type in ('tool.call', 'resource.read', 'prompt.get', 'method.use')`;

/** The first server in order after `after` that calls are on record of. */
export async function nextServer(db: Kysely<Database>, after: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('audit_index')
    .select('server')
    .where(CALLS_ONLY)
    .where('server', '>', after)
    .orderBy('server')
    .limit(1)
    .executeTakeFirst();
  return row?.server ?? undefined;
}

/** All calls at one server that match; `byApp`: counted for each app by itself. Throws `params_invalid` where they are too many to be counted at once. */
export async function readReach(
  db: Kysely<Database>,
  server: string,
  conditions: readonly Condition[],
  byApp: boolean,
): Promise<Reach[]> {
  const rows = await reachQuery(db, server, conditions, byApp).execute();
  if (rows.length > MAX_ROWS) throw tooMany(server);
  return rows.map(({ group_set: groupSet, subject, client, target, type, decision, calls, first, last }) => ({
    server,
    subject,
    client,
    target: target ?? '',
    type,
    decision,
    groupSet,
    calls: Number(calls),
    first,
    last,
  }));
}

/** Not yet executed, so that its plan can be looked at. */
export function reachQuery(db: Kysely<Database>, server: string, conditions: readonly Condition[], byApp: boolean) {
  const query = db
    .selectFrom('audit_index')
    .select(({ fn }) => [
      'subject',
      (byApp ? sql.ref<string | null>('client') : sql<string | null>`null`).as('client'),
      'target',
      'type',
      'decision',
      'group_set',
      fn.countAll<number | string>().as('calls'),
      fn.min('ts').as('first'),
      fn.max('ts').as('last'),
    ])
    .where(CALLS_ONLY)
    .where('server', '=', server)
    .where((row) => row.and(conditions.map((condition) => condition(row))))
    .groupBy(['subject', 'target', 'type', 'decision', 'group_set'])
    .limit(MAX_ROWS + 1);
  return byApp ? query.groupBy('client') : query;
}

function tooMany(server: string): CodedError {
  return new CodedError('params_invalid', {
    message: `There are too many different calls at ${server} for one report. Narrow it by \`since\` and \`until\`, by \`tool\` or by \`user\`.`,
  });
}
