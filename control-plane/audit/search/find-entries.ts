import type { Kysely } from 'kysely';
import type { AuditQuery } from '#shared/api/audit.js';
import type { Database } from '../../storage/schema.js';
import { conditionsOf, NO_OUTCOMES, type Condition, type Scope } from './conditions.js';
import { parseCursor, type Position } from './cursor.js';

/** Where the entries are that match, newest first: one more than asked for tells that there is a next page. */
export async function findEntries(db: Kysely<Database>, query: AuditQuery, scope: Scope): Promise<Position[]> {
  return (await entriesQuery(db, query, scope)).query.execute();
}

/** Not yet executed, so that its plan can be looked at. */
export async function entriesQuery(db: Kysely<Database>, { limit, cursor, ...filters }: AuditQuery, scope: Scope) {
  const conditions = await conditionsOf(db, filters, scope);
  if (cursor !== undefined) conditions.push(before(parseCursor(cursor)));
  const query = db
    .selectFrom('audit_index')
    .select(['ts', 'record_id as id'])
    .where(NO_OUTCOMES)
    .where((row) => row.and(conditions.map((condition) => condition(row))))
    .orderBy('ts', 'desc')
    .orderBy('record_id', 'desc')
    .limit(limit + 1);
  return { query };
}

function before({ ts, id }: Position): Condition {
  return (row) => row.or([row('ts', '<', ts), row.and([row('ts', '=', ts), row('record_id', '<', id)])]);
}
