import { sql, type Expression, type ExpressionBuilder, type Kysely, type SqlBool } from 'kysely';
import type { AuditQuery } from '#shared/api/audit.js';
import type { Database } from '../../storage/schema.js';
import { findPeople } from '../../storage/find-people.js';
import { indexedText } from '../indexed-text.js';
import { findServers, type ServerTitle } from './find-servers.js';
import { findGroups, setsWith } from './find-sets.js';

export interface Scope {
  readonly servers: readonly ServerTitle[];
  /** False where the reader may not see what apps claim to be: then the registered client alone is searched. */
  readonly claims: boolean;
  /** Exactly this person's: an id, never compared with names. */
  readonly person: string | undefined;
  /** What the index has of a target that a client spelled. */
  readonly hashOf: (target: string) => string;
}

export type Condition = (row: ExpressionBuilder<Database, 'audit_index'>) => Expression<SqlBool>;
export type Filters = Partial<Omit<AuditQuery, 'limit' | 'cursor' | 'text'>>;

/** Literal, as the partial indices have it: SQLite takes one only where the words are the same. */
export const NO_OUTCOMES = sql<SqlBool>`phase <> 'outcome'`;

/** What a row of the index must be to match, joined by AND. */
export async function conditionsOf(db: Kysely<Database>, filters: Filters, scope: Scope): Promise<Condition[]> {
  const conditions = [
    ...plainConditions(filters),
    ...textConditions(filters, scope),
    ...targetConditions(filters, scope),
  ];
  const { user, group, policy, outcome } = filters;
  if (user !== undefined) {
    const people = await findPeople(db, user);
    conditions.push((row) => row('subject', 'in', people));
  }
  if (scope.person !== undefined) conditions.push((row) => row('subject', '=', scope.person!));
  if (group !== undefined) {
    const groups = await findGroups(db, group);
    conditions.push((row) => row('group_set', 'in', setsWith(db, 'groups', groups)));
  }
  if (policy !== undefined) conditions.push((row) => row('policy_set', 'in', setsWith(db, 'policies', [policy])));
  if (outcome !== undefined) conditions.push(() => hasOutcome(outcome));
  return conditions;
}

function plainConditions(filters: Filters): Condition[] {
  const { decision, type, session, trace, agentSession, since, until } = filters;
  const columns = { type, session, trace, agent_session: agentSession } as const;
  const conditions = Object.entries(columns).flatMap(([column, text]): Condition[] =>
    text === undefined ? [] : [(row) => row(column as keyof typeof columns, '=', indexedText(text))],
  );
  if (decision !== undefined) conditions.push((row) => row('decision', '=', decision));
  if (since !== undefined) conditions.push((row) => row('ts', '>=', Date.parse(since)));
  if (until !== undefined) conditions.push((row) => row('ts', '<', Date.parse(until)));
  return conditions;
}

/** Of what clients spelled only whoever may read it learns that it was right. */
function targetConditions({ tool }: Filters, { claims, person, hashOf }: Scope): Condition[] {
  if (tool === undefined) return [];
  const mayKnow = claims || person !== undefined;
  return [(row) => row('target', 'in', [indexedText(tool), ...(mayKnow ? [hashOf(tool)] : [])])];
}

function textConditions({ id, client, server }: Filters, { servers, claims }: Scope): Condition[] {
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

/** An outcome stands on a row of its own, with a reference to its intent, or on that of an event. */
function hasOutcome(outcome: NonNullable<Filters['outcome']>): Expression<SqlBool> {
  const literal = sql.lit(outcome);
  if (outcome === 'ok') {
    return sql<SqlBool>`(audit_index.outcome = 'ok' or exists (select 1 from audit_index o where o.ref = audit_index.record_id and o.outcome = 'ok'))`;
  }
  const failed = sql`select coalesce(o.ref, o.record_id) from audit_index o where o.outcome = ${literal} and ${FAILURES}`;
  const ids = outcome === 'unknown' ? sql`${stillOpen} union all ${failed}` : failed;
  return sql<SqlBool>`audit_index.record_id in (${ids})`;
}

/** In the words of the partial index `audit_index_failures`. */
const FAILURES = sql`o.outcome in ('tool_error', 'error', 'cancelled', 'unknown')`;

/**
 * Ids of the calls that were let through and have no outcome: they are under way, or nobody will ever know. In the words
 * of `audit_index_intents`, so that two indices are read side by side instead of a look-up for each call ever made.
 */
const stillOpen = sql`select i.record_id from audit_index i where i.phase = 'intent' and i.decision = 'allow' and not exists (select 1 from audit_index o where o.ref = i.record_id)`;

function escapeLike(text: string): string {
  return text.replaceAll(/[\\%_]/g, String.raw`\$&`);
}
