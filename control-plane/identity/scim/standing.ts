import type { Kysely } from 'kysely';
import type { Database } from '../../storage/schema.js';
import { userNameKey } from './user-rows.js';

/** A person as the provider signs them in, for the question what SCIM says of them. */
export interface Identified {
  readonly provider: string;
  readonly subject: string;
  /** E-mail address and `preferred_username`, as far as there are any. */
  readonly names: readonly (string | null)[];
}

export interface Standing {
  readonly admitted: boolean;
  /** `<provider>/<displayName>`. */
  readonly groups: readonly string[];
}

/**
 * What SCIM says of a person. `externalId` = subject joins them with a user. Without such a user, one that is not active
 * and has their name keeps them out, unless it is somebody else by its own `externalId`; it never lets anyone in.
 */
export async function standingOf(db: Kysely<Database>, person: Identified): Promise<Standing> {
  const { provider, subject, names } = person;
  const keys = names.filter((name) => name !== null).map(userNameKey);
  const users = await db
    .selectFrom('scim_users')
    .select(['id', 'external_id', 'active'])
    .where('provider', '=', provider)
    .where((where) =>
      where.or([
        where('external_id', '=', subject),
        ...(keys.length === 0 ? [] : [where.and([where('user_name_key', 'in', keys), where('active', '=', 0)])]),
      ]),
    )
    .execute();
  const [joined, ...others] = users.filter(({ external_id: externalId }) => externalId === subject);
  if (!joined) return { admitted: !(await someIsNobodyElse(db, provider, users)), groups: [] };
  const admitted = [joined, ...others].every(({ active }) => active === 1);
  return { admitted, groups: others.length === 0 ? await groupsOf(db, provider, joined.id) : [] };
}

async function someIsNobodyElse(
  db: Kysely<Database>,
  provider: string,
  users: readonly { readonly external_id: string | null }[],
): Promise<boolean> {
  const subjects = users.map(({ external_id: externalId }) => externalId).filter((id) => id !== null);
  if (users.length === 0 || subjects.length < users.length) return users.length > 0;
  const others = await db
    .selectFrom('persons')
    .select('subject')
    .distinct()
    .where('provider', '=', provider)
    .where('subject', 'in', subjects)
    .execute();
  return others.length < new Set(subjects).size;
}

async function groupsOf(db: Kysely<Database>, provider: string, userId: string): Promise<string[]> {
  const groups = await db
    .selectFrom('scim_members')
    .innerJoin('scim_groups', 'scim_groups.id', 'scim_members.group_id')
    .select('scim_groups.display_name')
    .where('scim_members.user_id', '=', userId)
    .where('scim_groups.provider', '=', provider)
    .orderBy('scim_groups.display_name')
    .execute();
  return groups.map(({ display_name: name }) => `${provider}/${name}`);
}
