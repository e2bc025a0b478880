import { sql, type Expression, type ExpressionBuilder, type Kysely, type SqlBool } from 'kysely';
import type { AuditQuery } from '#shared/api/audit.js';
import type { Database } from '../../storage/schema.js';
import { parseCursor, type Position } from './cursor.js';
import { findPeople } from '../../storage/find-people.js';
import { indexedText } from '../indexed-text.js';
import { findServers, type ServerTitle } from './find-servers.js';

interface Scope {
  readonly servers: readonly ServerTitle[];
  /** False where the reader may not see what apps claim to be: then the registered client alone is searched. */
  readonly claims: boolean;
  /** Exactly this person's: an id, never compared with names. */
  readonly person: string | undefined;
}

type Condition = (row: ExpressionBuilder<Database, 'audit_index'>) => Expression<SqlBool>;

/** Where the entries are that match, newest first: one more than asked for tells that there is a next page. */
export async function findEntries(db: Kysely<Database>, query: AuditQuery, scope: Scope): Promise<Position[]> {
  const conditions = [...plainConditions(query), ...textConditions(query, scope)];
  const people = query.user === undefined ? undefined : await findPeople(db, query.user);
  if (people) conditions.push((row) => row('subject', 'in', people));
  const { person } = scope;
  if (person !== undefined) conditions.push((row) => row('subject', '=', person));
  return db
    .selectFrom('audit_index')
    .select(['ts', 'record_id as id'])
    .where('phase', '!=', 'outcome')
    .where((row) => row.and(conditions.map((condition) => condition(row))))
    .orderBy('ts', 'desc')
    .orderBy('record_id', 'desc')
    .limit(query.limit + 1)
    .execute();
}

function plainConditions({ tool, decision, type, since, until, cursor }: AuditQuery): Condition[] {
  const conditions: Condition[] = [];
  if (tool !== undefined) conditions.push((row) => row('target', '=', indexedText(tool)));
  if (decision !== undefined) conditions.push((row) => row('decision', '=', decision));
  if (type !== undefined) conditions.push((row) => row('type', '=', indexedText(type)));
  if (since !== undefined) conditions.push((row) => row('ts', '>=', Date.parse(since)));
  if (until !== undefined) conditions.push((row) => row('ts', '<', Date.parse(until)));
  if (cursor !== undefined) conditions.push(before(parseCursor(cursor)));
  return conditions;
}

function before({ ts, id }: Position): Condition {
  return (row) => row.or([row('ts', '<', ts), row.and([row('ts', '=', ts), row('record_id', '<', id)])]);
}

function textConditions({ id, client, server }: AuditQuery, { servers, claims }: Scope): Condition[] {
  const conditions: Condition[] = [];
  if (id !== undefined) {
    const record = indexedText(id);
    conditions.push((row) => row.or([row('record_id', '=', record), ownsOutcome(record)]));
  }
  if (server !== undefined) {
    conditions.push((row) => row('server', 'in', findServers(servers, server).map(indexedText)));
  }
  if (client !== undefined) {
    // The column holds two lines (rows/index-rows.ts): a match that must end before the line break is one of the first.
    const pattern = `%${escapeLike(indexedText(client.toLowerCase()))}%${claims ? '' : '\n%'}`;
    conditions.push(() => sql<SqlBool>`audit_index.client like ${pattern} escape '\\'`);
  }
  return conditions;
}

/** The record whose outcome has this id. */
function ownsOutcome(id: string): Expression<SqlBool> {
  return sql<SqlBool>`audit_index.record_id = (select o.ref from audit_index o where o.record_id = ${id})`;
}

function escapeLike(text: string): string {
  return text.replaceAll(/[\\%_]/g, String.raw`\$&`);
}
