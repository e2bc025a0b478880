import type { Kysely } from 'kysely';
import type { Database } from '../../storage/schema.js';
import type { Session } from '../caller.js';

/** Between the id of a session and what is added for one that was derived from it (RFC 8693); in no other id. */
const SEPARATOR = '.';

export function delegatedId(parent: string, own: string): string {
  return `${parent}${SEPARATOR}${own}`;
}

/** The session that one was derived from, and without which it is nothing; undefined where a person acts themselves. */
export function parentOf(id: string): string | undefined {
  const end = id.lastIndexOf(SEPARATOR);
  return end === -1 ? undefined : id.slice(0, end);
}

/** Never more than the person has now, whatever they had when it was derived. */
export function within(session: Session, parent: Session): Session | undefined {
  if (session.person.id !== parent.person.id) return undefined;
  return { ...session, groups: session.groups.filter((group) => parent.groups.includes(group)) };
}

/** Ids of all live sessions that were derived from one, directly or not. */
export async function derivedFrom(db: Kysely<Database>, id: string): Promise<string[]> {
  const rows = await db
    .selectFrom('sessions')
    .select('id')
    .where('person_id', '=', (query) => query.selectFrom('sessions').select('person_id').where('id', '=', id))
    .where('ended_at', 'is', null)
    .where('actors', '<>', '[]')
    .execute();
  return rows.map((row) => row.id).filter((one) => one.startsWith(id + SEPARATOR));
}
