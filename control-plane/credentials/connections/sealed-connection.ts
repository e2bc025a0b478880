import { z } from 'zod';
import type { ConnectionsTable } from '../../storage/credential-tables.js';
import type { StorageService } from '../../storage/storage.service.js';

const PURPOSE = 'connections';

const narrowed = z.strictObject({
  /** Sorted. */
  scopes: z.array(z.string()),
  accessToken: z.string(),
  expiresAt: z.number().nullable(),
});

const tokens = z.strictObject({
  accessToken: z.string(),
  refreshToken: z.string().nullable(),
  /** Access tokens with fewer scopes, the latest first. */
  narrowed: z.array(narrowed),
});

/** What a connection opens the server with. Times are epoch milliseconds. */
export type ConnectionTokens = z.output<typeof tokens>;

/** What of a row its tokens are bound to: none of it can be changed, and no older tokens can be put back into it. */
export type BoundConnection = Pick<
  ConnectionsTable,
  'id' | 'generation' | 'person_id' | 'server' | 'issuer' | 'resource' | 'client'
>;

export function sealTokens(
  storage: Pick<StorageService, 'seal'>,
  row: BoundConnection,
  content: ConnectionTokens,
): Buffer {
  return storage.seal(PURPOSE, boundTo(row), Buffer.from(JSON.stringify(content)));
}

/** Throws where the row is not the one that was written. */
export function openTokens(
  storage: Pick<StorageService, 'open'>,
  row: BoundConnection & Pick<ConnectionsTable, 'sealed'>,
): ConnectionTokens {
  return tokens.parse(JSON.parse(storage.open(PURPOSE, boundTo(row), row.sealed).toString()));
}

function boundTo({ id, generation, person_id: person, server, issuer, resource, client }: BoundConnection): string {
  return JSON.stringify(['connections', id, generation, person, server, issuer, resource, client]);
}
