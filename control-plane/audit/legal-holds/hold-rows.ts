import type { Kysely, Selectable } from 'kysely';
import type { LegalHoldsTable } from '../../storage/audit-tables.js';
import type { Database } from '../../storage/schema.js';
import type { StorageService } from '../../storage/storage.service.js';
import type { LegalHold, Release } from './legal-hold.js';

type Sealing = Pick<StorageService, 'seal' | 'open'>;
type Row = Selectable<LegalHoldsTable>;

const PURPOSE = 'legal-holds';
const RELEASE = 'legal-hold-releases';

/** Only below the lock `legal-holds`: whoever erases or drops records reads the holds under it. */
export async function insertHold(db: Kysely<Database>, sealing: Sealing, hold: LegalHold): Promise<void> {
  const { id, person, server, from, to, name, createdBy, createdAt } = hold;
  await db
    .insertInto('legal_holds')
    .values({
      id,
      person_id: person,
      server,
      from_time: from,
      to_time: to,
      sealed: sealed(sealing, PURPOSE, id, { name }),
      created_by: createdBy,
      created_at: createdAt,
    })
    .execute();
}

/** True for the one who released it. */
export async function releaseHold(
  db: Kysely<Database>,
  sealing: Sealing,
  id: string,
  { by, at, reason }: Release,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('legal_holds')
    .set({ released_by: by, released_at: at, sealed_release: sealed(sealing, RELEASE, id, { reason }) })
    .where('id', '=', id)
    .where('released_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Those that hold, oldest first. Below the lock `legal-holds` none comes or goes until its transaction ends. */
export async function activeHolds(db: Kysely<Database>, sealing: Sealing): Promise<LegalHold[]> {
  const query = db.selectFrom('legal_holds').selectAll().where('released_at', 'is', null);
  const rows = await query.orderBy('created_at').orderBy('id').execute();
  return rows.map((row) => legalHold(sealing, row));
}

export async function countActiveHolds(db: Kysely<Database>): Promise<number> {
  const query = db.selectFrom('legal_holds').where('released_at', 'is', null);
  const { count } = await query.select(db.fn.countAll<number | string>().as('count')).executeTakeFirstOrThrow();
  return Number(count);
}

export async function findHold(db: Kysely<Database>, sealing: Sealing, id: string): Promise<LegalHold | undefined> {
  const row = await db.selectFrom('legal_holds').selectAll().where('id', '=', id).executeTakeFirst();
  return row && legalHold(sealing, row);
}

export interface HoldFilter {
  /** Released ones too. */
  readonly all: boolean;
  readonly after?: { readonly createdAt: number; readonly id: string };
  readonly limit: number;
}

/** Newest first; one more than `limit` tells that there is a next page. */
export async function listHolds(
  db: Kysely<Database>,
  sealing: Sealing,
  { all, after, limit }: HoldFilter,
): Promise<LegalHold[]> {
  let query = db.selectFrom('legal_holds').selectAll().orderBy('created_at', 'desc').orderBy('id', 'desc');
  if (!all) query = query.where('released_at', 'is', null);
  if (after) {
    query = query.where((row) =>
      row.or([
        row('created_at', '<', after.createdAt),
        row.and([row('created_at', '=', after.createdAt), row('id', '<', after.id)]),
      ]),
    );
  }
  const rows = await query.limit(limit + 1).execute();
  return rows.map((row) => legalHold(sealing, row));
}

function legalHold(sealing: Sealing, row: Row): LegalHold {
  const { name } = opened(sealing, PURPOSE, row.id, row.sealed) as { name: string };
  return {
    id: row.id,
    name,
    person: row.person_id,
    server: row.server,
    from: row.from_time,
    to: row.to_time,
    createdBy: row.created_by,
    createdAt: row.created_at,
    released: releaseOf(sealing, row),
  };
}

function releaseOf(sealing: Sealing, row: Row): Release | undefined {
  const { id, released_by: by, released_at: at, sealed_release: bytes } = row;
  if (by === null || at === null || bytes === null) return undefined;
  const { reason } = opened(sealing, RELEASE, id, bytes) as { reason: string };
  return { by, at, reason };
}

function sealed(sealing: Sealing, purpose: string, id: string, text: object): Buffer {
  return sealing.seal(purpose, id, Buffer.from(JSON.stringify(text)));
}

function opened(sealing: Sealing, purpose: string, id: string, bytes: Buffer): unknown {
  return JSON.parse(sealing.open(purpose, id, bytes).toString());
}
