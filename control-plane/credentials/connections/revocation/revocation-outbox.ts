import type { Kysely } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type { ConnectionRevocationsTable } from '../../../storage/credential-tables.js';
import type { Database } from '../../../storage/schema.js';
import type { StorageService } from '../../../storage/storage.service.js';
import { sealRevocation, type PendingRevocation } from './pending-revocation.js';

/** In the transaction that takes the connection away, so that neither is done without the other. */
export async function putRevocation(
  db: Kysely<Database>,
  storage: Pick<StorageService, 'seal'>,
  server: string,
  pending: PendingRevocation,
  now: number,
): Promise<void> {
  const bound = { id: uuidv7(), server, created_at: now };
  const row = { ...bound, sealed: sealRevocation(storage, bound, pending), attempts: 0, next_at: now };
  await db.insertInto('connection_revocations').values(row).execute();
}

/** The next one that is due, for `lease` milliseconds; of several who ask, one gets it. */
export async function claimRevocation(
  db: Kysely<Database>,
  now: number,
  lease: number,
): Promise<ConnectionRevocationsTable | undefined> {
  for (;;) {
    const row = await db
      .selectFrom('connection_revocations')
      .selectAll()
      .where('next_at', '<=', now)
      .orderBy('next_at')
      .orderBy('id')
      .limit(1)
      .executeTakeFirst();
    if (!row) return undefined;
    const { numUpdatedRows } = await db
      .updateTable('connection_revocations')
      .set({ next_at: now + lease })
      .where('id', '=', row.id)
      .where('next_at', '=', row.next_at)
      .executeTakeFirst();
    if (numUpdatedRows === 1n) return row;
  }
}

/** Revoked, or given up. */
export async function removeRevocation(db: Kysely<Database>, id: string): Promise<void> {
  await db.deleteFrom('connection_revocations').where('id', '=', id).execute();
}

export async function postponeRevocation(
  db: Kysely<Database>,
  { id, attempts }: Pick<ConnectionRevocationsTable, 'id' | 'attempts'>,
  until: number,
): Promise<void> {
  await db
    .updateTable('connection_revocations')
    .set({ attempts: attempts + 1, next_at: until })
    .where('id', '=', id)
    .execute();
}
