import type { Kysely } from 'kysely';
import { sql, type SqlBool } from 'kysely';
import type { DenialRow, DenialsReport } from '#shared/api/audit-reports.js';
import type { Database } from '../../storage/schema.js';
import { fitPage } from '../page-size.js';
import type { Condition } from '../search/conditions.js';
import { ListedNames } from './listed-names.js';
import { timeText } from './tally.js';

/** In the words of the partial index `audit_index_denials`. */
const DENIALS_ONLY = sql<SqlBool>`phase <> 'outcome' and decision = 'deny'`;

/** What was denied, the most frequent first, at most `limit` rows. */
export async function countDenials(
  db: Kysely<Database>,
  conditions: readonly Condition[],
  limit: number,
): Promise<DenialsReport> {
  const found = await db
    .selectFrom('audit_index')
    .select(({ fn }) => [
      'policy_set',
      'code',
      'subject',
      'server',
      'target',
      fn.countAll<number | string>().as('count'),
      fn.min('ts').as('first'),
      fn.max('ts').as('last'),
      fn.min('record_id').as('first_id'),
      fn.max('record_id').as('last_id'),
    ])
    .where(DENIALS_ONLY)
    .where((row) => row.and(conditions.map((condition) => condition(row))))
    .groupBy(['policy_set', 'code', 'subject', 'server', 'target'])
    .orderBy('count', 'desc')
    .orderBy('last_id', 'desc')
    .limit(limit + 1)
    .execute();
  const names = new ListedNames(db);
  await names.load(
    found.map(({ subject }) => subject),
    found.map(({ policy_set: policies }) => policies),
  );
  const rows = found.slice(0, limit).map((row): DenialRow => ({
    policies: [...(names.members(row.policy_set) ?? [])],
    code: row.code,
    person: names.person(row.subject),
    server: row.server,
    target: row.target,
    count: Number(row.count),
    first: timeText(row.first),
    last: timeText(row.last),
    samples: [...new Set([row.first_id, row.last_id])],
  }));
  const fitting = fitPage(rows);
  return { rows: fitting, more: fitting.length < found.length };
}
