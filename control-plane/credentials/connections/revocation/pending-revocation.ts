import { z } from 'zod';
import { credentialSettings, type CredentialOf } from '../../../config/credential-settings.js';
import type { ConnectionRevocationsTable } from '../../../storage/credential-tables.js';
import type { StorageService } from '../../../storage/storage.service.js';
import { reach } from '../sealed-connection.js';
import { upstreamClient } from '../upstream-client.js';

const PURPOSE = 'connection-revocations';

const token = z.strictObject({ hint: z.enum(['refresh_token', 'access_token']), value: z.string() });

const contentSchema = z.strictObject({
  /** The id of the connection that has ended, and of the person whose it was. */
  connection: z.string(),
  person: z.string(),
  issuer: z.string(),
  reach,
  /** Ourselves, as the authorization server that gave the tokens knows us. */
  client: upstreamClient,
  /** What the connection was made by: references to secrets, never their values. Null where nobody knows any more. */
  settings: credentialSettings.nullable(),
  /** The refresh token first: with it many authorization servers revoke the others. */
  tokens: z.array(token).min(1),
});

/** Tokens that are to be revoked where they were given (RFC 7009), of a connection that is no more. */
export type PendingRevocation = Omit<z.output<typeof contentSchema>, 'settings'> & {
  readonly settings: CredentialOf<'oauth'> | null;
};

/** What of a row its content is bound to. */
export type BoundRevocation = Pick<ConnectionRevocationsTable, 'id' | 'server' | 'created_at'>;

export function sealRevocation(
  storage: Pick<StorageService, 'seal'>,
  row: BoundRevocation,
  pending: PendingRevocation,
): Buffer {
  return storage.seal(PURPOSE, boundTo(row), Buffer.from(JSON.stringify(pending)));
}

/** Throws where the row is not the one that was written. */
export function openRevocation(
  storage: Pick<StorageService, 'open'>,
  row: BoundRevocation & Pick<ConnectionRevocationsTable, 'sealed'>,
): PendingRevocation {
  const plain = storage.open(PURPOSE, boundTo(row), row.sealed).toString();
  const { settings, ...rest } = contentSchema.parse(JSON.parse(plain));
  return { ...rest, settings: settings?.kind === 'oauth' ? settings : null };
}

function boundTo({ id, server, created_at: createdAt }: BoundRevocation): string {
  return JSON.stringify(['connection_revocations', id, server, createdAt]);
}
