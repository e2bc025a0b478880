import { z } from 'zod';
import type { ConnectionsTable } from '../../storage/credential-tables.js';
import type { StorageService } from '../../storage/storage.service.js';
import { upstreamClient } from './upstream-client.js';

const PURPOSE = 'connections';

/** Of the issuer: where it may lie, by who named it (`Reach`). Of a connection from before this was written down nobody knows, and it goes on. */
export const reach = z.enum(['public', 'private']).default('private');

const access = {
  accessToken: z.string(),
  expiresAt: z.number().nullable(),
  /** From when on another is fetched. */
  renewAt: z.number().nullable(),
} as const;

const content = z.strictObject({
  ...access,
  refreshToken: z.string().nullable(),
  /** Access tokens with fewer scopes, the latest first. */
  narrowed: z.array(z.strictObject({ ...access, scopes: z.array(z.string()) })),
  /** The server's address as it was then; null where we host it. */
  url: z.string().nullable(),
  /** What the tokens were asked for (RFC 8707); null where that was left out. */
  resource: z.string().nullable(),
  reach,
  /** Ourselves, as the authorization server knows us. */
  client: upstreamClient,
});

/** What a connection opens the server with. Times are epoch milliseconds. */
export type ConnectionTokens = z.output<typeof content>;
export type AccessToken = Pick<ConnectionTokens, 'accessToken' | 'expiresAt' | 'renewAt'>;

/** What of a row its tokens are bound to: none of it can be changed, and no older tokens can be put back into it. */
export type BoundConnection = Pick<
  ConnectionsTable,
  'id' | 'generation' | 'person_id' | 'server' | 'issuer' | 'resource' | 'client'
>;

export function sealTokens(
  storage: Pick<StorageService, 'seal'>,
  row: BoundConnection,
  tokens: ConnectionTokens,
): Buffer {
  return storage.seal(PURPOSE, boundTo(row), Buffer.from(JSON.stringify(tokens)));
}

/** Throws where the row is not the one that was written. */
export function openTokens(
  storage: Pick<StorageService, 'open'>,
  row: BoundConnection & Pick<ConnectionsTable, 'sealed'>,
): ConnectionTokens {
  return content.parse(JSON.parse(storage.open(PURPOSE, boundTo(row), row.sealed).toString()));
}

function boundTo({ id, generation, person_id: person, server, issuer, resource, client }: BoundConnection): string {
  return JSON.stringify(['connections', id, generation, person, server, issuer, resource, client]);
}
