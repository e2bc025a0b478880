import type { Kysely, Selectable } from 'kysely';
import type { GrantsTable } from '../../storage/policy-tables.js';
import type { Database } from '../../storage/schema.js';
import type { StorageService } from '../../storage/storage.service.js';
import type { Grant, GrantHistory } from './grant.js';

type Sealing = Pick<StorageService, 'seal' | 'open'>;
type Row = Selectable<GrantsTable>;

const PURPOSE = 'grants';

/** Inserts a grant. Everything that opens something is sealed under its id: who only writes the database gives nobody access. */
export async function insertGrant(db: Kysely<Database>, sealing: Sealing, grant: Grant): Promise<void> {
  const { id, kind, person, server, tool = null, createdBy, createdAt, expiresAt } = grant;
  await db
    .insertInto('grants')
    .values({
      id,
      kind,
      person_id: person,
      server,
      tool,
      sealed: sealing.seal(PURPOSE, id, Buffer.from(JSON.stringify(grant))),
      created_by: createdBy,
      created_at: createdAt,
      expires_at: expiresAt,
    })
    .execute();
}

/**
 * Those that open something at `now`, and break-glass that nobody has reviewed. Whoever was disabled, or whose sign-ins were
 * all ended, since a grant was given has lost it.
 */
export async function readLiveGrants(
  db: Kysely<Database>,
  now: number,
  limit: number,
): Promise<{ readonly live: Row[]; readonly unreviewed: Row[] }> {
  const live = await db
    .selectFrom('grants')
    .innerJoin('persons', 'persons.id', 'grants.person_id')
    .selectAll('grants')
    .where('grants.ended_at', 'is', null)
    .where('grants.expires_at', '>', now)
    .where('persons.disabled_at', 'is', null)
    .where((row) =>
      row.or([
        row('persons.signed_out_at', 'is', null),
        row('persons.signed_out_at', '<', row.ref('grants.created_at')),
      ]),
    )
    .orderBy('grants.expires_at', 'desc')
    .orderBy('grants.id')
    .limit(limit)
    .execute();
  const unreviewed = await db
    .selectFrom('grants')
    .selectAll()
    .where('kind', '=', 'break-glass')
    .where('reviewed_at', 'is', null)
    .orderBy('created_at', 'desc')
    .limit(limit)
    .execute();
  return { live, unreviewed };
}

/** What was sealed. Throws where the row was edited, swapped, or sealed under another master key. */
export function openGrant(sealing: Sealing, { id, sealed }: Pick<Row, 'id' | 'sealed'>): Grant {
  const grant = JSON.parse(sealing.open(PURPOSE, id, sealed).toString()) as Omit<Grant, 'tool'> & { tool?: string };
  return { ...grant, tool: grant.tool };
}

export function grantHistory(sealing: Sealing, row: Row): GrantHistory {
  return {
    ...openGrant(sealing, row),
    endedAt: row.ended_at ?? undefined,
    endedBy: row.ended_by ?? undefined,
    reviewedAt: row.reviewed_at ?? undefined,
    reviewedBy: row.reviewed_by ?? undefined,
  };
}

export async function findGrantRow(db: Kysely<Database>, id: string): Promise<Row | undefined> {
  return db.selectFrom('grants').selectAll().where('id', '=', id).executeTakeFirst();
}

/** True for the one who ended it. */
export async function endGrant(db: Kysely<Database>, id: string, by: string, now: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('grants')
    .set({ ended_at: now, ended_by: by })
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** The servers for which something is given. */
export async function serversWithGrants(db: Kysely<Database>, now: number): Promise<string[]> {
  const rows = await db
    .selectFrom('grants')
    .select('server')
    .distinct()
    .where('ended_at', 'is', null)
    .where('expires_at', '>', now)
    .execute();
  return rows.map(({ server }) => server);
}

/** Those of these servers that had not ended, by whoever is first to end them. */
export async function endGrantsOf(
  db: Kysely<Database>,
  servers: readonly string[],
  by: string,
  now: number,
): Promise<Pick<Row, 'id' | 'person_id' | 'server'>[]> {
  return db
    .updateTable('grants')
    .set({ ended_at: now, ended_by: by })
    .where('server', 'in', servers)
    .where('ended_at', 'is', null)
    .where('expires_at', '>', now)
    .returning(['id', 'person_id', 'server'])
    .execute();
}

/** True for the one whose review it is. */
export async function reviewGrant(db: Kysely<Database>, id: string, by: string, now: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('grants')
    .set({ reviewed_at: now, reviewed_by: by })
    .where('id', '=', id)
    .where('kind', '=', 'break-glass')
    .where('reviewed_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

export interface GrantFilter {
  /** Ids of people; everybody's where absent. */
  readonly people?: readonly string[];
  /** Only what is live at this moment, and break-glass that waits for a review. */
  readonly liveAt?: number;
  readonly after?: { readonly createdAt: number; readonly id: string };
  readonly limit: number;
}

/** Newest first; one more than `limit` tells that there is a next page. */
export async function listGrantRows(db: Kysely<Database>, filter: GrantFilter): Promise<Row[]> {
  const { people, liveAt, after, limit } = filter;
  if (people?.length === 0) return [];
  let query = db.selectFrom('grants').selectAll().orderBy('created_at', 'desc').orderBy('id', 'desc');
  if (people) query = query.where('person_id', 'in', people);
  if (liveAt !== undefined) {
    query = query.where((row) =>
      row.or([
        row.and([row('ended_at', 'is', null), row('expires_at', '>', liveAt)]),
        row.and([row('kind', '=', 'break-glass'), row('reviewed_at', 'is', null)]),
      ]),
    );
  }
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
