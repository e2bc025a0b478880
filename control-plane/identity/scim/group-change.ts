import type { Kysely } from 'kysely';
import type { Notice, Published } from '../../storage/notifications/notifications.js';
import type { Database } from '../../storage/schema.js';
import { takeLock } from '../../storage/write-transaction.js';
import { liveSessionsOf } from '../revocation/person-rows.js';
import {
  addMembers,
  deleteGroup,
  isGroupTaken,
  membersOf,
  newScimGroupId,
  readGroup,
  removeMembers,
  usersAmong,
  writeGroup,
  type ScimGroup,
} from './group-rows.js';
import { personsOf } from './joined-persons.js';
import type { GroupState } from './protocol/patched-group.js';
import { ScimError } from './protocol/scim-error.js';
import type { ScimClient } from './scim-client.js';

export interface GroupChange {
  readonly group: ScimGroup;
  readonly members: ReadonlySet<string>;
  readonly added: number;
  readonly removed: number;
}

/** The group before; undefined where it is new. Returns undefined to delete it. */
type Wish = (group: GroupState | undefined) => GroupState | undefined;

const MAX_NAME = 255;
const NOBODY: ReadonlySet<string> = new Set();

/**
 * Writes one group and its members, in one transaction that tells every replica whose groups have changed. Without `id` a new
 * group. Members that are no users of the provider are left out: they get nothing. Throws a ScimError.
 */
export async function changeGroup(
  transaction: Kysely<Database>,
  { provider, heardAt }: ScimClient,
  id: string | undefined,
  wish: Wish,
): Promise<Published<GroupChange>> {
  await takeLock(transaction, 'scim');
  const known = id === undefined ? undefined : await readGroup(transaction, provider, id);
  if (id !== undefined && !known) throw unknownGroup();
  const members = known ? await membersOf(transaction, known.id) : NOBODY;
  const wanted = wish(known && { ...known, members });
  const users = await usersAmong(transaction, provider, [...new Set([...members, ...(wanted?.members ?? NOBODY)])]);
  const next = new Set([...(wanted?.members ?? NOBODY)].filter((user) => users.has(user)));
  const group: ScimGroup = {
    id: known?.id ?? newScimGroupId(),
    provider,
    displayName: wanted?.displayName ?? known?.displayName ?? '',
    externalId: wanted ? wanted.externalId : null,
    createdAt: known?.createdAt ?? heardAt,
    changedAt: heardAt,
  };
  const added = [...next].filter((user) => !members.has(user));
  const removed = [...members].filter((user) => !next.has(user));
  if (wanted) await store(transaction, group, added, removed);
  else await deleteGroup(transaction, group.id);
  const renamed = known !== undefined && known.displayName !== group.displayName;
  const concerned = renamed ? [...new Set([...members, ...next])] : [...added, ...removed];
  const externalIds = concerned.map((user) => users.get(user) ?? null);
  const notices = await noticesTo(transaction, provider, externalIds);
  return { result: { group, members: next, added: added.length, removed: removed.length }, notices };
}

async function store(
  transaction: Kysely<Database>,
  group: ScimGroup,
  added: readonly string[],
  removed: readonly string[],
): Promise<void> {
  const { displayName } = group;
  if (displayName.trim() === '' || displayName.length > MAX_NAME) {
    throw new ScimError(400, 'A group needs a displayName of at most 255 characters.', 'invalidValue');
  }
  if (await isGroupTaken(transaction, group)) {
    throw new ScimError(409, 'Another group has this displayName.', 'uniqueness');
  }
  await writeGroup(transaction, group);
  await removeMembers(transaction, group.id, removed);
  await addMembers(transaction, group.id, added);
}

async function noticesTo(
  transaction: Kysely<Database>,
  provider: string,
  externalIds: readonly (string | null)[],
): Promise<Notice[]> {
  const sessions = await liveSessionsOf(transaction, await personsOf(transaction, provider, externalIds));
  return sessions.map((id) => ({ topic: 'session-changed', id }));
}

export function unknownGroup(): ScimError {
  return new ScimError(404, 'There is no such group.');
}
