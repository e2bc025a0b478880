import type { Kysely } from 'kysely';
import type { Database } from '../../storage/schema.js';
import { takeLock } from '../../storage/write-transaction.js';
import type { Notice, Published } from '../../storage/notifications/notifications.js';
import type { StorageService } from '../../storage/storage.service.js';
import { disable, enable } from '../revocation/disabled-people.js';
import { liveSessionsOf } from '../revocation/person-rows.js';
import { personsNamed, personsOf } from './joined-persons.js';
import { ScimError } from './protocol/scim-error.js';
import {
  deleteUser,
  externalIdOf,
  isTaken,
  newScimUserId,
  readUser,
  userNameKey,
  userNameOf,
  writeUser,
  type ScimUser,
} from './user-rows.js';
import type { ScimClient } from './scim-client.js';
import type { ResourceDocument } from './protocol/resource-document.js';

/** What a request wants a user to be. */
export interface WantedUser {
  /** With `active` where the request speaks of it. */
  readonly document: ResourceDocument;
  /** What the request says of `active`; undefined where it says nothing. */
  readonly active: boolean | undefined;
}

/** What came of it. */
export interface UserChange {
  readonly user: ScimUser;
  readonly person: string | undefined;
  /** People who must be out before the answer. */
  readonly out: readonly string[];
}

/** The user before; undefined where it is new. Returns undefined to delete it. */
type Wish = (user: ScimUser | undefined) => WantedUser | undefined;

const MAX_DOCUMENT = 65_536;

/**
 * Writes one user and what follows for the people it is, in one transaction that tells every replica. Without `id` a new
 * user. Throws a ScimError.
 */
export async function changeUser(
  transaction: Kysely<Database>,
  storage: StorageService,
  { provider, heardAt }: ScimClient,
  id: string | undefined,
  wish: Wish,
): Promise<Published<UserChange>> {
  await takeLock(transaction, 'scim');
  const before = id === undefined ? undefined : await readUser(transaction, storage, provider, id);
  if (id !== undefined && !before) throw unknownUser();
  const wanted = wish(before);
  const persons = await personsOf(transaction, provider, externalIdsOf(before, wanted));
  const by = `scim:${provider}`;
  const user = await nextUser(transaction, { before, wanted, provider, now: heardAt, by });
  if (wanted) await store(transaction, storage, user);
  else await deleteUser(transaction, user.id);
  const own = await personsOf(transaction, provider, [externalIdOf(user.document)]);
  // Also whoever was the user until now: a request may say at once who it is not any more and that they have left.
  const out = user.active ? [] : [...persons, ...(await namesakes(transaction, persons, user))];
  const said = { by, at: heardAt };
  for (const person of wanted && !user.active ? persons : out) await disable(transaction, person, said);
  if (wanted?.active === true) for (const person of own) await enable(transaction, person, said);
  const sessions = await liveSessionsOf(transaction, [...new Set([...persons, ...out])]);
  const notices: Notice[] = sessions.map((session) => ({ topic: 'session-changed', id: session }));
  return { result: { user, person: own[0], out }, notices };
}

function externalIdsOf(before: ScimUser | undefined, wanted: WantedUser | undefined): (string | null)[] {
  return [before?.document, wanted?.document].map((document) => (document ? externalIdOf(document) : null));
}

/** The people of that name, where nobody is known by the subject. */
async function namesakes(
  transaction: Kysely<Database>,
  known: readonly string[],
  { provider, document }: ScimUser,
): Promise<string[]> {
  return known.length > 0 ? [] : personsNamed(transaction, provider, userNameKey(userNameOf(document)));
}

interface Next {
  readonly before: ScimUser | undefined;
  readonly wanted: WantedUser | undefined;
  readonly provider: string;
  readonly now: number;
  readonly by: string;
}

async function nextUser(transaction: Kysely<Database>, next: Next): Promise<ScimUser> {
  const { before, wanted, provider, now } = next;
  const createdAt = before?.createdAt ?? now;
  const id = before?.id ?? newScimUserId();
  if (!wanted) return { id, provider, createdAt, changedAt: now, document: before?.document ?? {}, active: false };
  const { active: _, ...document } = wanted.document;
  const active = wanted.active ?? before?.active ?? !(await isKeptOut(transaction, document, next));
  return { id, provider, createdAt, changedAt: now, document, active };
}

/** Whoever was put out comes back by `active: true`, and not by being created anew without it. */
async function isKeptOut(
  transaction: Kysely<Database>,
  document: ResourceDocument,
  { provider, by }: Next,
): Promise<boolean> {
  const persons = await transaction
    .selectFrom('persons')
    .select('disabled_by')
    .where('provider', '=', provider)
    .where('subject', '=', externalIdOf(document) ?? '')
    .execute();
  return persons.some(({ disabled_by: paths }) => paths?.split(' ').includes(by));
}

async function store(transaction: Kysely<Database>, storage: StorageService, user: ScimUser): Promise<void> {
  if (userNameOf(user.document) === '') throw new ScimError(400, 'A user needs its userName.', 'invalidValue');
  if (JSON.stringify(user.document).length > MAX_DOCUMENT) {
    throw new ScimError(413, 'The user has more attributes than are kept here.', 'tooMany');
  }
  if (await isTaken(transaction, user)) {
    throw new ScimError(409, 'Another user has this userName or externalId.', 'uniqueness');
  }
  await writeUser(transaction, storage, user);
}

export function unknownUser(): ScimError {
  return new ScimError(404, 'There is no such user.');
}
