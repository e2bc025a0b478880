import type { Kysely } from 'kysely';
import { errorText } from '#shared/errors.js';
import type { AuditWriter } from '../../../audit/record.js';
import type { CredentialOf } from '../../../config/credential-settings.js';
import { shown, type Logger } from '../../../observability/logger.js';
import type { Database } from '../../../storage/schema.js';
import type { StorageService } from '../../../storage/storage.service.js';
import type { Connection, EndedBy } from '../connection.js';
import { endRecord } from '../connection-records.js';
import {
  connectionById,
  connectionOf,
  shownConnection,
  takeConnection,
  type ConnectionRow,
} from '../connection-rows.js';
import { openTokens, type ConnectionTokens } from '../sealed-connection.js';
import type { PendingRevocation } from './pending-revocation.js';
import { putRevocation } from './revocation-outbox.js';

export interface EndingParts {
  readonly storage: StorageService;
  readonly audit: AuditWriter;
  readonly logger: Logger;
  /** What a connection was made by; null where nobody knows any more. */
  readonly settingsFor: (row: ConnectionRow) => Promise<CredentialOf<'oauth'> | null>;
}

/**
 * Takes a connection away, and leaves its tokens to be revoked where they were given. From then on it opens nothing, on no
 * replica. Undefined where there is none. Throws `audit_unavailable` before anything has happened.
 */
export async function endConnection(parts: EndingParts, id: string, by: EndedBy): Promise<Connection | undefined> {
  const { storage, audit, settingsFor } = parts;
  const row = await connectionById(storage.db, id);
  if (row === undefined) return undefined;
  const settings = await settingsFor(row);
  await audit.write(endRecord(shownConnection(row), by));
  return storage.db.transaction().execute(async (transaction) => {
    const taken = await takeConnection(transaction, id);
    if (taken === undefined) return undefined;
    const tokens = readable(parts, taken);
    if (tokens) await leaveTokens(transaction, parts, taken, tokens, settings);
    return shownConnection(taken);
  });
}

/**
 * What was refreshed while the connection ended: nobody keeps it, so it is revoked. Not where the person has connected
 * again meanwhile, because at many authorization servers the new tokens would end with the old.
 */
export async function revokeUnkept(
  { storage }: Pick<EndingParts, 'storage'>,
  row: ConnectionRow,
  tokens: ConnectionTokens,
  settings: CredentialOf<'oauth'>,
): Promise<void> {
  await storage.db.transaction().execute(async (transaction) => {
    if (await connectionOf(transaction, row.person_id, row.server)) return;
    await leaveTokens(transaction, { storage }, row, tokens, settings);
  });
}

async function leaveTokens(
  transaction: Kysely<Database>,
  { storage }: Pick<EndingParts, 'storage'>,
  { id, person_id: person, server, issuer }: ConnectionRow,
  { client, reach, accessToken, refreshToken, narrowed }: ConnectionTokens,
  settings: CredentialOf<'oauth'> | null,
): Promise<void> {
  const access = [accessToken, ...narrowed.map((one) => one.accessToken)];
  const tokens: PendingRevocation['tokens'] = [
    ...(refreshToken === null ? [] : [{ hint: 'refresh_token' as const, value: refreshToken }]),
    ...access.map((value) => ({ hint: 'access_token' as const, value })),
  ];
  const pending = { connection: id, person, issuer, reach, client, settings, tokens };
  await putRevocation(transaction, storage, server, pending, Date.now());
}

/** A row that was altered ends like any other; what it held nobody can revoke. */
function readable({ storage, logger }: EndingParts, row: ConnectionRow): ConnectionTokens | undefined {
  try {
    return openTokens(storage, row);
  } catch (error) {
    logger.error('connection.unreadable', { connection: shown(row.id), error: shown(errorText(error)) });
    return undefined;
  }
}
