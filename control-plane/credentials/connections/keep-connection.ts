import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Database } from '../../storage/schema.js';
import type { StorageService } from '../../storage/storage.service.js';
import type { AnsweredTokens } from './answered-tokens.js';
import type { ConnectionAttempt } from './connection-attempts.js';
import type { ConnectionRow } from './connection-rows.js';
import { sealTokens, type ConnectionTokens } from './sealed-connection.js';
import { clientReference } from './upstream-client.js';

/** What a person has who has been through the authorization server. */
export function newConnection(
  storage: Pick<StorageService, 'seal'>,
  attempt: ConnectionAttempt,
  tokens: AnsweredTokens,
  now: number,
): ConnectionRow {
  const bound = {
    id: `con_${randomUUID().replaceAll('-', '')}`,
    generation: 1,
    person_id: attempt.person,
    server: attempt.server,
    issuer: attempt.issuer,
    resource: attempt.resource ?? attempt.url ?? '',
    client: clientReference(attempt.client),
  };
  const { scopes, ...given } = tokens;
  const { url, resource, reach, client } = attempt;
  return {
    ...bound,
    sealed: sealTokens(storage, bound, { ...given, narrowed: [], url, resource, reach, client }),
    scopes: JSON.stringify(scopes),
    state: 'active',
    expires_at: given.expiresAt,
    refresh_until: 0,
    created_at: now,
    changed_at: now,
    last_used_at: now,
    refused_at: null,
  };
}

/** The person's one connection at this server, new or in place of another: of two browsers at once the later one's counts. */
export async function keepConnection(db: Kysely<Database>, row: ConnectionRow): Promise<void> {
  // The earlier tokens are not revoked: at many authorization servers the new ones would end with them.
  await db
    .insertInto('connections')
    .values(row)
    .onConflict((conflict) => conflict.columns(['person_id', 'server']).doUpdateSet(row))
    .execute();
}

/** What was refreshed, under the next generation. False where the connection has ended or become another meanwhile. */
export async function keepTokens(
  storage: Pick<StorageService, 'db' | 'seal'>,
  row: ConnectionRow,
  tokens: ConnectionTokens,
  now: number,
): Promise<boolean> {
  const generation = row.generation + 1;
  const { numUpdatedRows } = await storage.db
    .updateTable('connections')
    .set({
      generation,
      sealed: sealTokens(storage, { ...row, generation }, tokens),
      expires_at: tokens.expiresAt,
      refresh_until: 0,
      changed_at: now,
    })
    .where('id', '=', row.id)
    .where('generation', '=', row.generation)
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

/** The sole right to refresh it until then. False where another has it, or has done it meanwhile. */
export async function takeRefresh(
  { db }: Pick<StorageService, 'db'>,
  { id, generation }: ConnectionRow,
  now: number,
  until: number,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('connections')
    .set({ refresh_until: until })
    .where('id', '=', id)
    .where('generation', '=', generation)
    .where('state', '=', 'active')
    .where('refresh_until', '<=', now)
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

/** Nobody tries again before then. */
export async function giveBackRefresh(
  { db }: Pick<StorageService, 'db'>,
  { id, generation }: ConnectionRow,
  until: number,
): Promise<void> {
  await db
    .updateTable('connections')
    .set({ refresh_until: until })
    .where('id', '=', id)
    .where('generation', '=', generation)
    .execute();
}

/** It opens nothing from now on. False where it was another already. */
export async function refuseConnection(
  { db }: Pick<StorageService, 'db'>,
  { id, generation }: ConnectionRow,
  now: number,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('connections')
    .set({ state: 'refused', refused_at: now, refresh_until: 0, changed_at: now })
    .where('id', '=', id)
    .where('generation', '=', generation)
    .where('state', '=', 'active')
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}
