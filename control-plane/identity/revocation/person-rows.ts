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

/** Everybody whom the identifier may mean, of this provider only: an e-mail address may belong to several. */
export async function peopleMeant(db: Kysely<Database>, at: AtProvider, subject: SubjectIdentifier): Promise<string[]> {
  const people = db.selectFrom('persons').select('id');
  if (subject.format === 'email') {
    const address = subject.email.toLowerCase();
    const rows = await people
      .where('provider', '=', at.provider)
      .where(sql`lower(email)`, '=', address)
      .execute();
    return rows.map(({ id }) => id);
  }
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
