import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Database } from '../../storage/schema.js';
import type { Person } from '../caller.js';

export type PersonProfile = Omit<Person, 'id'>;

/** Finds or creates the person behind `(issuer, subject)`; name and e-mail are what the IdP said last, never a key. */
export async function savePerson(db: Kysely<Database>, profile: PersonProfile, now: number): Promise<Person> {
  const { provider, issuer, subject, email, name } = profile;
  return db
    .insertInto('persons')
    .values({ id: newPersonId(), provider, issuer, subject, email, name, created_at: now })
    .onConflict((conflict) => conflict.columns(['issuer', 'subject']).doUpdateSet({ provider, email, name }))
    .returning(['id', 'provider', 'issuer', 'subject', 'email', 'name'])
    .executeTakeFirstOrThrow();
}

/** Undefined where there is none. */
export async function personById(db: Kysely<Database>, id: string): Promise<Person | undefined> {
  return db
    .selectFrom('persons')
    .select(['id', 'provider', 'issuer', 'subject', 'email', 'name'])
    .where('id', '=', id)
    .executeTakeFirst();
}

/** The person behind `(issuer, subject)`, perhaps not seen before: made known without saying anything new about them. */
export async function knownPerson(
  db: Kysely<Database>,
  { provider, issuer, subject }: Pick<Person, 'provider' | 'issuer' | 'subject'>,
  now: number,
): Promise<string> {
  await db
    .insertInto('persons')
    .values({ id: newPersonId(), provider, issuer, subject, email: null, name: null, created_at: now })
    .onConflict((conflict) => conflict.columns(['issuer', 'subject']).doNothing())
    .execute();
  const found = db.selectFrom('persons').select('id').where('issuer', '=', issuer).where('subject', '=', subject);
  return (await found.executeTakeFirstOrThrow()).id;
}

/**
 * The profile with the e-mail address and name that are known already, where it has none: an assertion need not name
 * them, and by the address SCIM may know who has left.
 */
export async function completed(db: Kysely<Database>, profile: PersonProfile): Promise<PersonProfile> {
  const { issuer, subject } = profile;
  const known = await db
    .selectFrom('persons')
    .select(['email', 'name'])
    .where('issuer', '=', issuer)
    .where('subject', '=', subject)
    .executeTakeFirst();
  return { ...profile, email: profile.email ?? known?.email ?? null, name: profile.name ?? known?.name ?? null };
}

/** Whether an IdP or an admin has said that nobody gets in as this person. */
export async function isDisabled(db: Kysely<Database>, id: string): Promise<boolean> {
  const person = await db.selectFrom('persons').select('disabled_at').where('id', '=', id).executeTakeFirstOrThrow();
  return person.disabled_at !== null;
}

function newPersonId(): string {
  return `usr_${randomUUID().replaceAll('-', '')}`;
}
