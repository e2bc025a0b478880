import { sql, type Kysely } from 'kysely';
import type { Database } from '../../storage/schema.js';
import type { SubjectIdentifier } from './subject-identifier.js';

/** Ids of the sessions of these people that have not ended. */
export async function liveSessionsOf(db: Kysely<Database>, persons: readonly string[]): Promise<string[]> {
  if (persons.length === 0) return [];
  const rows = await db
    .selectFrom('sessions')
    .select('id')
    .where('person_id', 'in', persons)
    .where('ended_at', 'is', null)
    .execute();
  return rows.map(({ id }) => id);
}

/** Whatever these people proved until `at` (epoch milliseconds) lets nobody in any more. */
export async function markSignedOut(db: Kysely<Database>, persons: readonly string[], at: number): Promise<void> {
  if (persons.length === 0) return;
  await db
    .updateTable('persons')
    .set({ signed_out_at: at })
    .where('id', 'in', persons)
    .where((where) => where.or([where('signed_out_at', 'is', null), where('signed_out_at', '<', at)]))
    .execute();
}

/** Ids of the live sessions in which the machines of some sessions act for people. */
export async function heldByMachines(db: Kysely<Database>, sessions: readonly string[]): Promise<string[]> {
  if (sessions.length === 0) return [];
  const machines = db
    .selectFrom('sessions')
    .select('client_id')
    .where('id', 'in', sessions)
    .where('kind', '=', 'service');
  const clients = await machines.execute();
  if (clients.length === 0) return [];
  const held = await db
    .selectFrom('sessions')
    .select('id')
    .where('client_id', 'in', [...new Set(clients.map(({ client_id: client }) => client))])
    .where('actors', '<>', '[]')
    .where('ended_at', 'is', null)
    .execute();
  return held.map(({ id }) => id);
}

/** Somebody at one provider; `issuers` are the names under which a subject may be said to be its own. */
export interface AtProvider {
  readonly provider: string;
  readonly providerIssuer: string;
  readonly issuers: readonly string[];
}

export interface AffectedSession {
  readonly id: string;
  readonly person: string;
}

/** The `sub` at the provider that an identifier names; undefined for another issuer's, and where it names none. */
export function subjectAt({ issuers }: AtProvider, subject: SubjectIdentifier): string | undefined {
  if (subject.format === 'opaque') return subject.id;
  return subject.format === 'iss_sub' && issuers.includes(subject.iss) ? subject.sub : undefined;
}

/**
 * Ids of the people of a provider with an e-mail address, whatever its case. SQLite's lower() knows ASCII only, so of an
 * address beyond that everybody's is compared here.
 */
export async function peopleAt(db: Kysely<Database>, provider: string, email: string): Promise<string[]> {
  const address = email.toLowerCase();
  const people = db.selectFrom('persons').select(['id', 'email']).where('provider', '=', provider);
  const isAscii = /^[\x20-\x7e]*$/.test(address);
  const rows = await (isAscii ? people.where(sql`lower(email)`, '=', address) : people).execute();
  return rows.filter((row) => row.email?.toLowerCase() === address).map(({ id }) => id);
}

/** Everybody whom the identifier may mean, of this provider only: an e-mail address may belong to several. */
export async function peopleMeant(db: Kysely<Database>, at: AtProvider, subject: SubjectIdentifier): Promise<string[]> {
  const people = db.selectFrom('persons').select('id');
  if (subject.format === 'email') return peopleAt(db, at.provider, subject.email);
  const sub = subjectAt(at, subject);
  if (sub === undefined) return [];
  const rows = await people.where('issuer', '=', at.providerIssuer).where('subject', '=', sub).execute();
  return rows.map(({ id }) => id);
}

/**
 * Live sessions that began with a session of the provider. With a `subject` only that person's, and also those of which
 * it is not known what they began with.
 */
export async function sessionsOfIdpSession(
  db: Kysely<Database>,
  { providerIssuer }: Pick<AtProvider, 'providerIssuer'>,
  idpSession: string,
  subject?: string,
): Promise<AffectedSession[]> {
  const began = db
    .selectFrom('sessions')
    .innerJoin('persons', 'persons.id', 'sessions.person_id')
    .select(['sessions.id as id', 'persons.id as person'])
    .where('persons.issuer', '=', providerIssuer)
    .where('sessions.ended_at', 'is', null);
  if (subject === undefined) return began.where('sessions.idp_session', '=', idpSession).execute();
  return began
    .where('persons.subject', '=', subject)
    .where((or) => or.or([or('sessions.idp_session', '=', idpSession), or('sessions.idp_session', 'is', null)]))
    .execute();
}
