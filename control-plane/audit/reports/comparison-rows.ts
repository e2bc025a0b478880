import { sql, type Kysely } from 'kysely';
import type { ComparisonRow } from '#shared/api/audit-reports.js';
import type { Database } from '../../storage/schema.js';
import type { Condition } from '../search/conditions.js';
import { setsWith } from '../search/find-sets.js';
import type { EffectOf } from './exposure-rows.js';
import type { KeyedRow } from './page-rows.js';
import { CALLS_ONLY } from './read-reach.js';

/** Names of the groups on each side. */
export interface Sides {
  readonly left: readonly string[];
  readonly right: readonly string[];
}

/** What both sides reached at one server, or one alone. */
export async function comparisonRows(
  db: Kysely<Database>,
  server: string,
  conditions: readonly Condition[],
  sides: Sides,
  effectOf: EffectOf,
): Promise<KeyedRow<ComparisonRow>[]> {
  const found = await comparisonQuery(db, server, conditions, sides).execute();
  return found.map(({ type, target: indexed, ...counts }) => {
    const target = indexed ?? '';
    const left = { calls: Number(counts.left_calls), persons: Number(counts.left_persons) };
    const right = { calls: Number(counts.right_calls), persons: Number(counts.right_persons) };
    const reachedBy = left.calls === 0 ? 'right' : right.calls === 0 ? 'left' : 'both';
    const effect = type === 'tool.call' ? effectOf(server, target) : null;
    return { key: [type, target], row: { reachedBy, server, target, type, effect, left, right } };
  });
}

/**
 * Counted by the database, for people first: the calls of a million records are some hundred thousand different ones,
 * and handing them over costs more than counting them. Not yet executed, so that its plan can be looked at.
 */
export function comparisonQuery(
  db: Kysely<Database>,
  server: string,
  conditions: readonly Condition[],
  { left, right }: Sides,
) {
  const people = db
    .selectFrom('audit_index')
    .select(({ fn, eb }) => [
      'subject',
      'target',
      'type',
      fn
        .countAll<number>()
        .filterWhere(eb('group_set', 'in', setsWith(db, 'groups', left)))
        .as('left_calls'),
      fn
        .countAll<number>()
        .filterWhere(eb('group_set', 'in', setsWith(db, 'groups', right)))
        .as('right_calls'),
    ])
    .where(CALLS_ONLY)
    .where('server', '=', server)
    .where((row) => row.or([row('decision', 'is', null), row('decision', '<>', 'deny')]))
    .where((row) => row.and(conditions.map((condition) => condition(row))))
    .groupBy(['subject', 'target', 'type'])
    .as('people');
  return db
    .selectFrom(people)
    .select(({ fn }) => [
      'target',
      'type',
      fn.sum<number | string>('left_calls').as('left_calls'),
      fn.countAll<number | string>().filterWhere('left_calls', '>', 0).as('left_persons'),
      fn.sum<number | string>('right_calls').as('right_calls'),
      fn.countAll<number | string>().filterWhere('right_calls', '>', 0).as('right_persons'),
    ])
    .groupBy(['target', 'type'])
    .having(sql`sum(left_calls + right_calls)`, '>', 0);
}
