import type { Kysely } from 'kysely';
import type { Database } from '../../storage/schema.js';
import type { Person, SessionKind } from '../caller.js';
import { isLive, kindOf, textsIn } from './session-rows.js';

/** A live session as lists show it. Times are epoch milliseconds. */
export interface SessionSummary {
  readonly id: string;
  readonly person: Pick<Person, 'id' | 'email' | 'name'>;
  readonly clientId: string;
  readonly deviceName: string | null;
  readonly address: string;
  readonly authTime: number;
  readonly idpCheckedAt: number;
  readonly createdAt: number;
  readonly lastUsedAt: number;
  readonly expiresAt: number;
  readonly kind: SessionKind;
  readonly actors: readonly string[];
  /** Seconds without use after which it ends; null where it has no such limit. */
  readonly idleSeconds: number | null;
  readonly managedDevice: boolean;
}

export interface SessionFilter {
  /** Ids of people; without it, everyone's. */
  readonly people?: readonly string[];
  /** Where the page before ended. */
  readonly after?: Pick<SessionSummary, 'createdAt' | 'id'>;
  readonly limit: number;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Sessions that have neither ended nor expired, newest first: one more than asked for tells that there is a next page. */
export async function listSessions(db: Kysely<Database>, filter: SessionFilter): Promise<SessionSummary[]> {
  const { people, after, limit, now } = filter;
  if (people?.length === 0) return [];
  const rows = await liveRows(db, now)
    .$if(people !== undefined, (query) => query.where('person_id', 'in', people ?? []))
    .$if(after !== undefined, (query) =>
      query.where((row) =>
        row.or([
          row('sessions.created_at', '<', after?.createdAt ?? 0),
          row.and([row('sessions.created_at', '=', after?.createdAt ?? 0), row('sessions.id', '<', after?.id ?? '')]),
        ]),
      ),
    )
    .orderBy('sessions.created_at', 'desc')
    .orderBy('sessions.id', 'desc')
    .limit(limit + 1)
    .execute();
  return rows.map(summary);
}

/** One that has neither ended nor expired. */
export async function findSession(
  db: Kysely<Database>,
  { id, now }: { readonly id: string; readonly now: number },
): Promise<SessionSummary | undefined> {
  const row = await liveRows(db, now).where('sessions.id', '=', id).executeTakeFirst();
  return row && summary(row);
}

function liveRows(db: Kysely<Database>, now: number) {
  return db
    .selectFrom('sessions')
    .innerJoin('persons', 'persons.id', 'sessions.person_id')
    .select(['sessions.id', 'sessions.person_id', 'client_id', 'device_name', 'address', 'auth_time', 'idp_checked_at'])
    .select(['sessions.created_at', 'last_used_at', 'expires_at', 'kind', 'actors', 'idle_seconds', 'managed_device'])
    .select(['persons.email', 'persons.name'])
    .where((row) => isLive(row, now));
}

type LiveRow = Awaited<ReturnType<ReturnType<typeof liveRows>['execute']>>[number];

function summary(row: LiveRow): SessionSummary {
  return {
    id: row.id,
    person: { id: row.person_id, email: row.email, name: row.name },
    clientId: row.client_id,
    deviceName: row.device_name,
    address: row.address,
    authTime: row.auth_time,
    idpCheckedAt: row.idp_checked_at,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    expiresAt: row.expires_at,
    kind: kindOf(row.kind),
    actors: textsIn(row.actors),
    idleSeconds: row.idle_seconds,
    managedDevice: row.managed_device === 1,
  };
}
