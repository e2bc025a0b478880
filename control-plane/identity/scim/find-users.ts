import type { Kysely } from 'kysely';
import type { Database } from '../../storage/schema.js';
import type { StorageService } from '../../storage/storage.service.js';
import type { Found, Page } from './protocol/page.js';
import { matchesAll, type Comparison } from './protocol/resource-filter.js';
import { openUser, userNameKey, type ScimUser } from './user-rows.js';

const AT_ONCE = 500;

type Column = readonly [column: 'id' | 'user_name_key' | 'external_id', value: string];

/** Users of a provider for which all comparisons hold, oldest first. What no column holds is compared after unsealing. */
export async function findUsers(
  storage: StorageService,
  provider: string,
  filter: readonly Comparison[],
  { startIndex, count }: Page,
): Promise<Found<ScimUser>> {
  const columns = filter.map(columnOf);
  const known = columns.filter((column) => column !== undefined);
  const skip = startIndex - 1;
  if (known.length === filter.length) {
    const rows = await usersWhere(storage.db, provider, known).limit(count).offset(skip).execute();
    const total = await countWhere(storage.db, provider, known);
    return { total, resources: rows.map((row) => openUser(storage, row)) };
  }
  const found: ScimUser[] = [];
  for (let offset = 0; ; offset += AT_ONCE) {
    const rows = await usersWhere(storage.db, provider, known).limit(AT_ONCE).offset(offset).execute();
    const users = rows.map((row) => openUser(storage, row));
    found.push(...users.filter(({ id, active, document }) => matchesAll(filter, id, { ...document, active })));
    if (rows.length < AT_ONCE) return { total: found.length, resources: found.slice(skip, skip + count) };
  }
}

function columnOf({ path, value }: Comparison): Column | undefined {
  if (typeof value !== 'string') return undefined;
  if (path === 'id') return ['id', value];
  if (path.extension !== undefined || path.attribute.type !== 'string') return undefined;
  if (path.attribute.name === 'userName') return ['user_name_key', userNameKey(value)];
  return path.attribute.name === 'externalId' ? ['external_id', value] : undefined;
}

function usersWhere(db: Kysely<Database>, provider: string, columns: readonly Column[]) {
  const query = db.selectFrom('scim_users').selectAll().where('provider', '=', provider);
  return columns
    .reduce((narrowed, [column, value]) => narrowed.where(column, '=', storable(value)), query)
    .orderBy('created_at')
    .orderBy('id');
}

async function countWhere(db: Kysely<Database>, provider: string, columns: readonly Column[]): Promise<number> {
  const query = db
    .selectFrom('scim_users')
    .select((row) => row.fn.countAll<number | string>().as('total'))
    .where('provider', '=', provider);
  const counted = columns.reduce((narrowed, [column, value]) => narrowed.where(column, '=', storable(value)), query);
  return Number((await counted.executeTakeFirstOrThrow()).total);
}

/** PostgreSQL has no NUL in texts, and nothing that is stored holds one. */
function storable(text: string): string {
  return text.replaceAll('\0', '\u{fffd}').toWellFormed();
}
