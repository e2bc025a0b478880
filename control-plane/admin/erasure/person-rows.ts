import type { Kysely } from 'kysely';
import type { Database } from '../../storage/schema.js';

/** Stands where the issuer of somebody erased stood: no identity provider vouches under it. */
const NOBODY = 'urn:mcp-sso:erased';

/** Ids of the SCIM users by which a provider knows this person: what is on record of them from before the first sign-in. */
export async function scimUsersOf(db: Kysely<Database>, person: string): Promise<string[]> {
  const rows = await db
    .selectFrom('persons')
    .innerJoin('scim_users', (join) =>
      join
        .onRef('scim_users.provider', '=', 'persons.provider')
        .onRef('scim_users.external_id', '=', 'persons.subject'),
    )
    .select('scim_users.id')
    .where('persons.id', '=', person)
    .execute();
  return rows.map(({ id }) => id);
}

/** Leaves the id of the person and nothing else. Their sessions must have ended. `now`: epoch milliseconds. */
export async function forgetPerson(db: Kysely<Database>, person: string, now: number): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    const sessions = transaction.selectFrom('sessions').select('id').where('person_id', '=', person);
    await transaction.deleteFrom('oidc_payloads').where('grant_id', 'in', sessions).execute();
    for (const table of OF_ONE_PERSON) await transaction.deleteFrom(table).where('person_id', '=', person).execute();
    await transaction.updateTable('approval_votes').set({ groups: '[]' }).where('approver', '=', person).execute();
    await transaction
      .updateTable('persons')
      .set({ issuer: NOBODY, subject: person, email: null, name: null, erased_at: now })
      .where('id', '=', person)
      .execute();
  });
}

const OF_ONE_PERSON = [
  'sessions',
  'connections',
  'connection_requests',
  'connection_attempts',
  'grants',
  'grant_requests',
  'approvals',
  'candidate_differences',
] as const;
