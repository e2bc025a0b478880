import type { Kysely, Selectable } from 'kysely';
import type { GrantRequestsTable } from '../../storage/policy-tables.js';
import type { Database } from '../../storage/schema.js';
import type { StorageService } from '../../storage/storage.service.js';
import type { GrantRequest } from './grant.js';

type Sealing = Pick<StorageService, 'seal' | 'open'>;
type Row = Selectable<GrantRequestsTable>;
type Asked = Omit<GrantRequest, 'state' | 'decidedAt' | 'decidedBy' | 'answer' | 'grant'>;

const PURPOSE = 'grant-requests';

export async function insertRequest(db: Kysely<Database>, sealing: Sealing, asked: Asked): Promise<void> {
  const { id, person, server, tool = null, createdAt, expiresAt } = asked;
  await db
    .insertInto('grant_requests')
    .values({
      id,
      state: 'open',
      person_id: person,
      server,
      tool,
      sealed: seal(sealing, asked, undefined),
      created_at: createdAt,
      expires_at: expiresAt,
    })
    .execute();
}

/** Throws where the row was edited, swapped, or sealed under another master key. */
export function openRequest(sealing: Sealing, row: Row): GrantRequest {
  const opened = JSON.parse(sealing.open(PURPOSE, row.id, row.sealed).toString()) as Asked & { answer?: string };
  return {
    ...opened,
    tool: opened.tool,
    state: row.state as GrantRequest['state'],
    decidedAt: row.decided_at ?? undefined,
    decidedBy: row.decided_by ?? undefined,
    answer: opened.answer,
    grant: row.grant_id ?? undefined,
  };
}

export async function findRequestRow(db: Kysely<Database>, id: string): Promise<Row | undefined> {
  return db.selectFrom('grant_requests').selectAll().where('id', '=', id).executeTakeFirst();
}

export interface Verdict {
  readonly state: 'granted' | 'refused';
  readonly by: string;
  readonly now: number;
  /** Why it was refused. */
  readonly answer?: string;
  readonly grant?: string;
}

/** True for the one who decided it: an open request that has not expired is decided once. */
export async function decideRequest(
  db: Kysely<Database>,
  sealing: Sealing,
  request: GrantRequest,
  { state, by, now, answer, grant }: Verdict,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('grant_requests')
    .set({
      state,
      decided_at: now,
      decided_by: by,
      grant_id: grant ?? null,
      sealed: seal(sealing, request, answer),
    })
    .where('id', '=', request.id)
    .where('state', '=', 'open')
    .where('expires_at', '>', now)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** A person's, decided or not, since `from` (epoch milliseconds). */
export async function requestsSince(
  db: Kysely<Database>,
  person: string,
  from: number,
): Promise<Pick<Row, 'id' | 'state' | 'server' | 'tool' | 'expires_at'>[]> {
  return db
    .selectFrom('grant_requests')
    .select(['id', 'state', 'server', 'tool', 'expires_at'])
    .where('person_id', '=', person)
    .where('created_at', '>', from)
    .execute();
}

export interface RequestFilter {
  readonly people?: readonly string[];
  /** Only what waits for an answer at this moment. */
  readonly openAt?: number;
  readonly after?: { readonly createdAt: number; readonly id: string };
  readonly limit: number;
}

/** Newest first; one more than `limit` tells that there is a next page. */
export async function listRequestRows(db: Kysely<Database>, filter: RequestFilter): Promise<Row[]> {
  const { people, openAt, after, limit } = filter;
  if (people?.length === 0) return [];
  let query = db.selectFrom('grant_requests').selectAll().orderBy('created_at', 'desc').orderBy('id', 'desc');
  if (people) query = query.where('person_id', 'in', people);
  if (openAt !== undefined) query = query.where('state', '=', 'open').where('expires_at', '>', openAt);
  if (after) {
    query = query.where((row) =>
      row.or([
        row('created_at', '<', after.createdAt),
        row.and([row('created_at', '=', after.createdAt), row('id', '<', after.id)]),
      ]),
    );
  }
  return query.limit(limit + 1).execute();
}

function seal(sealing: Sealing, asked: Asked, answer: string | undefined): Buffer {
  const { id, person, server, tool, minutes, reason, reference, createdAt, expiresAt } = asked;
  const content = { id, person, server, tool, minutes, reason, reference, createdAt, expiresAt, answer };
  return sealing.seal(PURPOSE, id, Buffer.from(JSON.stringify(content)));
}
