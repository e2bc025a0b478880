import { randomUUID } from 'node:crypto';
import type { Kysely, Selectable } from 'kysely';
import type { Database } from '../../storage/schema.js';
import type { StorageService } from '../../storage/storage.service.js';
import type { ResourceDocument } from './protocol/resource-document.js';

/** A user as a provider's SCIM client last said. Times are epoch milliseconds. */
export interface ScimUser {
  readonly id: string;
  readonly provider: string;
  readonly active: boolean;
  /** Without `active`. */
  readonly document: ResourceDocument;
  readonly createdAt: number;
  readonly changedAt: number;
}

type Row = Selectable<Database['scim_users']>;
type Sealing = Pick<StorageService, 'seal' | 'open'>;

const SEALED_FOR = 'scim-users';

export function newScimUserId(): string {
  return `scu_${randomUUID().replaceAll('-', '')}`;
}

/** User names are case-insensitive (RFC 7643 §4.1.1); compared here, since SQLite's lower() knows ASCII only. */
export function userNameKey(userName: string): string {
  return userName.toLowerCase();
}

export function externalIdOf({ externalId }: ResourceDocument): string | null {
  return typeof externalId === 'string' ? externalId : null;
}

export function userNameOf({ userName }: ResourceDocument): string {
  return typeof userName === 'string' ? userName : '';
}

export async function readUser(
  db: Kysely<Database>,
  sealing: Sealing,
  provider: string,
  id: string,
): Promise<ScimUser | undefined> {
  const row = await db
    .selectFrom('scim_users')
    .selectAll()
    .where('provider', '=', provider)
    .where('id', '=', id)
    .executeTakeFirst();
  return row && openUser(sealing, row);
}

export function openUser(sealing: Sealing, row: Row): ScimUser {
  const { id, provider, active, created_at: createdAt, changed_at: changedAt } = row;
  const document = JSON.parse(sealing.open(SEALED_FOR, id, row.sealed).toString()) as ResourceDocument;
  return { id, provider, active: active === 1, document, createdAt, changedAt };
}

/** Inserts the user, or replaces the one of this id. */
export async function writeUser(db: Kysely<Database>, sealing: Sealing, user: ScimUser): Promise<void> {
  const row = {
    user_name_key: userNameKey(userNameOf(user.document)),
    external_id: externalIdOf(user.document),
    active: user.active ? 1 : 0,
    sealed: sealing.seal(SEALED_FOR, user.id, Buffer.from(JSON.stringify(user.document))),
    changed_at: user.changedAt,
  };
  const { id, provider, createdAt } = user;
  await db
    .insertInto('scim_users')
    .values({ id, provider, created_at: createdAt, ...row })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
    .execute();
}

export async function deleteUser(db: Kysely<Database>, id: string): Promise<void> {
  await db.deleteFrom('scim_members').where('user_id', '=', id).execute();
  await db.deleteFrom('scim_users').where('id', '=', id).execute();
}

/** Whether another user of the provider has one of the two names that must be its own. */
export async function isTaken(db: Kysely<Database>, { id, provider, document }: ScimUser): Promise<boolean> {
  const externalId = externalIdOf(document);
  const other = await db
    .selectFrom('scim_users')
    .select('id')
    .where('provider', '=', provider)
    .where('id', '!=', id)
    .where((where) =>
      where.or([
        where('user_name_key', '=', userNameKey(userNameOf(document))),
        ...(externalId === null ? [] : [where('external_id', '=', externalId)]),
      ]),
    )
    .executeTakeFirst();
  return other !== undefined;
}
