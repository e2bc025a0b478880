import type { Expression, ExpressionBuilder, Kysely, SqlBool } from 'kysely';
import type { Database, SessionsTable } from '../../storage/schema.js';
import type { Session, SessionKind } from '../caller.js';
import { UNWRITTEN_MS } from './session-lifetimes.js';

const ASKED_AT_ONCE = 500;

/** The row of a new session. */
export function toRow(session: Session, sealedRefreshToken: Buffer, sealedTokens: Buffer | null = null): SessionsTable {
  return {
    id: session.id,
    person_id: session.person.id,
    client_id: session.clientId,
    device_name: session.deviceName,
    address: session.address,
    groups: JSON.stringify(session.groups),
    acr: session.acr,
    amr: JSON.stringify(session.amr),
    auth_time: session.authTime,
    sealed_idp_refresh_token: sealedRefreshToken,
    sealed_idp_tokens: sealedTokens,
    idp_checked_at: session.idpCheckedAt,
    idp_check_until: 0,
    idp_asked_at: 0,
    created_at: session.createdAt,
    last_used_at: session.lastUsedAt,
    expires_at: session.expiresAt,
    ended_at: null,
    ended_reason: null,
    kind: session.kind,
    actors: JSON.stringify(session.actors),
    idle_seconds: session.idleSeconds,
    idp_session: session.idpSession,
    managed_device: Number(session.managedDevice),
  };
}

/** A session that has not ended, with its person. */
export async function loadSession(db: Kysely<Database>, id: string): Promise<Session | undefined> {
  const row = await standing(db)
    .selectAll('sessions')
    .select(['persons.provider', 'persons.issuer', 'persons.subject', 'persons.email', 'persons.name'])
    .where('sessions.id', '=', id)
    .executeTakeFirst();
  if (!row) return undefined;
  const { provider, issuer, subject, email, name } = row;
  return {
    id: row.id,
    person: { id: row.person_id, provider, issuer, subject, email, name },
    clientId: row.client_id,
    deviceName: row.device_name,
    address: row.address,
    groups: textsIn(row.groups),
    acr: row.acr,
    amr: textsIn(row.amr),
    authTime: row.auth_time,
    idpCheckedAt: row.idp_checked_at,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    expiresAt: row.expires_at,
    kind: kindOf(row.kind),
    actors: textsIn(row.actors),
    idleSeconds: row.idle_seconds,
    idpSession: row.idp_session,
    managedDevice: row.managed_device === 1,
  };
}

/** Sessions that have not ended, of people who may be in and have proved who they are since all of theirs was ended. */
function standing(db: Kysely<Database>) {
  return db
    .selectFrom('sessions')
    .innerJoin('persons', 'persons.id', 'sessions.person_id')
    .where('sessions.ended_at', 'is', null)
    .where('persons.disabled_at', 'is', null)
    .where((where) =>
      where.or([
        where('persons.signed_out_at', 'is', null),
        where('sessions.idp_checked_at', '>', where.ref('persons.signed_out_at')),
      ]),
    );
}

/** Of a kind that this version does not know, nothing may follow. */
export function kindOf(kind: string): SessionKind {
  if (kind === 'person' || kind === 'service' || kind === 'break-glass') return kind;
  throw new Error('a session of an unknown kind');
}

/** Of rows whose sessions have neither ended nor run out at `now`, as far as their rows say. */
export function isLive(row: ExpressionBuilder<Database, 'sessions'>, now: number): Expression<SqlBool> {
  return row.and([row('ended_at', 'is', null), row.not(hasRunOut(row, now))]);
}

/** As `ranOut`, for rows. */
export function hasRunOut(row: ExpressionBuilder<Database, 'sessions'>, now: number): Expression<SqlBool> {
  const unusedSince = row('last_used_at', '+', row('idle_seconds', '*', 1000));
  return row.or([
    row('expires_at', '<=', now),
    row.and([row('idle_seconds', 'is not', null), row(unusedSince, '<=', now - UNWRITTEN_MS)]),
  ]);
}

/** Those of the ids whose sessions live at `now`, and whose people have not been put out. */
export async function liveAmong(
  db: Kysely<Database>,
  ids: readonly string[],
  now: number,
): Promise<ReadonlySet<string>> {
  const live = new Set<string>();
  for (let from = 0; from < ids.length; from += ASKED_AT_ONCE) {
    const rows = await standing(db)
      .select('sessions.id')
      .where('sessions.id', 'in', ids.slice(from, from + ASKED_AT_ONCE))
      .where((row) => isLive(row, now))
      .execute();
    for (const { id } of rows) live.add(id);
  }
  return live;
}

/** Brings the row of a session down to its bounds, and never up. */
export async function tighten(
  db: Kysely<Database>,
  { id, expiresAt, idleSeconds }: Pick<Session, 'id' | 'expiresAt' | 'idleSeconds'>,
): Promise<void> {
  const live = db.updateTable('sessions').where('id', '=', id).where('ended_at', 'is', null);
  await live.set({ expires_at: expiresAt }).where('expires_at', '>', expiresAt).execute();
  await live
    .set({ idle_seconds: idleSeconds })
    .where((row) => row.or([row('idle_seconds', 'is', null), row('idle_seconds', '>', idleSeconds)]))
    .execute();
}

/** The texts of a JSON array. */
export function textsIn(json: string): string[] {
  const value: unknown = JSON.parse(json);
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
}
