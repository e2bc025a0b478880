import { randomUUID } from 'node:crypto';
import type { ConnectionsTable } from '../../../storage/credential-tables.js';
import type { Reach } from '../../../egress/guarded-fetch.js';
import type { StorageService } from '../../../storage/storage.service.js';
import { sealTokens } from '../sealed-connection.js';

interface StoredConnection {
  readonly person: string;
  readonly server: string;
  readonly change?: Partial<ConnectionsTable>;
  readonly reach?: Reach;
  /** Epoch milliseconds at which its access token ends; not set: nobody said. */
  readonly ends?: number;
}

/** A connection that nobody made at any authorization server; resolves to its id. */
export async function storedConnection(
  storage: Pick<StorageService, 'db' | 'seal'>,
  { person, server, change = {}, reach = 'public', ends }: StoredConnection,
): Promise<string> {
  const now = Date.now();
  const row: ConnectionsTable = {
    id: `con_${randomUUID().replaceAll('-', '')}`,
    person_id: person,
    server,
    issuer: 'https://login.crm.test',
    resource: 'https://crm.corp.test/mcp',
    client: 'settings',
    sealed: Buffer.alloc(0),
    scopes: JSON.stringify(['crm:read']),
    state: 'active',
    generation: 1,
    expires_at: null,
    refresh_until: 0,
    created_at: now,
    changed_at: now,
    last_used_at: now,
    refused_at: null,
    ...change,
  };
  const tokens = {
    accessToken: 'access-token',
    refreshToken: 'refresh-token',
    expiresAt: ends ?? null,
    renewAt: ends ?? null,
  };
  const client = { kind: 'document', clientId: 'https://mcp.corp.test/connect/client.json' } as const;
  const sealed = sealTokens(storage, row, {
    ...tokens,
    narrowed: [],
    url: row.resource,
    resource: null,
    reach,
    client,
  });
  await storage.db
    .insertInto('connections')
    .values({ ...row, sealed })
    .execute();
  return row.id;
}
