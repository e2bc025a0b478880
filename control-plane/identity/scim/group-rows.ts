import { randomUUID } from 'node:crypto';
import type { Kysely, Selectable } from 'kysely';
import type { Database } from '../../storage/schema.js';

/** A group as a provider's SCIM client last said, without its members. Times are epoch milliseconds. */
export interface ScimGroup {
  readonly id: string;
  readonly provider: string;
  readonly displayName: string;
  readonly externalId: string | null;
  readonly createdAt: number;
  readonly changedAt: number;
}

const AT_ONCE = 500;

export function newScimGroupId(): string {
  return `scg_${randomUUID().replaceAll('-', '')}`;
}

export function groupOf(row: Selectable<Database['scim_groups']>): ScimGroup {
  const { id, provider, display_name: displayName, external_id: externalId } = row;
  return { id, provider, displayName, externalId, createdAt: row.created_at, changedAt: row.changed_at };
}

export async function readGroup(db: Kysely<Database>, provider: string, id: string): Promise<ScimGroup | undefined> {
  const row = await db
    .selectFrom('scim_groups')
    .selectAll()
    .where('provider', '=', provider)
    .where('id', '=', id)
    .executeTakeFirst();
  return row && groupOf(row);
}

/** Whether another group of the provider is called the same: policies could not tell them apart. */
export async function isGroupTaken(db: Kysely<Database>, { id, provider, displayName }: ScimGroup): Promise<boolean> {
  const other = await db
    .selectFrom('scim_groups')
    .select('id')
    .where('provider', '=', provider)
    .where('display_name', '=', displayName)
    .where('id', '!=', id)
    .executeTakeFirst();
  return other !== undefined;
}

export async function writeGroup(db: Kysely<Database>, group: ScimGroup): Promise<void> {
  const { id, provider, createdAt } = group;
  const row = { display_name: group.displayName, external_id: group.externalId, changed_at: group.changedAt };
  await db
    .insertInto('scim_groups')
    .values({ id, provider, created_at: createdAt, ...row })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
    .execute();
}

export async function deleteGroup(db: Kysely<Database>, id: string): Promise<void> {
  await db.deleteFrom('scim_members').where('group_id', '=', id).execute();
  await db.deleteFrom('scim_groups').where('id', '=', id).execute();
}

/** Ids of the users in a group. */
export async function membersOf(db: Kysely<Database>, groupId: string): Promise<ReadonlySet<string>> {
  const rows = await db.selectFrom('scim_members').select('user_id').where('group_id', '=', groupId).execute();
  return new Set(rows.map(({ user_id: id }) => id));
}

export async function addMembers(db: Kysely<Database>, groupId: string, users: readonly string[]): Promise<void> {
  for (const some of parts(users)) {
    const rows = some.map((user) => ({ group_id: groupId, user_id: user }));
    await db.insertInto('scim_members').values(rows).execute();
  }
}

export async function removeMembers(db: Kysely<Database>, groupId: string, users: readonly string[]): Promise<void> {
  for (const some of parts(users)) {
    await db.deleteFrom('scim_members').where('group_id', '=', groupId).where('user_id', 'in', some).execute();
  }
}

/** Those of the ids that are users of the provider, with their `externalId`. */
export async function usersAmong(
  db: Kysely<Database>,
  provider: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string | null>> {
  const users = new Map<string, string | null>();
  for (const some of parts(ids)) {
    const rows = await db
      .selectFrom('scim_users')
      .select(['id', 'external_id'])
      .where('provider', '=', provider)
      .where('id', 'in', some)
      .execute();
    for (const { id, external_id: externalId } of rows) users.set(id, externalId);
  }
  return users;
}

function parts(ids: readonly string[]): string[][] {
  return Array.from({ length: Math.ceil(ids.length / AT_ONCE) }, (_, part) =>
    ids.slice(part * AT_ONCE, (part + 1) * AT_ONCE),
  );
}
