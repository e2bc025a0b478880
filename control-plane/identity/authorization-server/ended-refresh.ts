import type { Kysely } from 'kysely';
import { isObject } from '#shared/mcp/json-rpc.js';
import type { Database } from '../../storage/schema.js';
import type { SessionsService } from '../sessions/sessions.service.js';
import { grantOf } from './payload-rows.js';

/** What oidc-provider leaves of a request; `oidc` is absent where no route took it. */
interface Answered {
  readonly oidc?: { readonly params?: Readonly<Record<string, unknown>> };
  body: unknown;
}

/** Adds to a refused refresh why the session behind its refresh token ended, where it ran out; the refusal stays what it is. */
export async function sayWhyEnded(
  context: Answered,
  db: Kysely<Database>,
  sessions: Pick<SessionsService, 'whyEnded'>,
): Promise<void> {
  const { body } = context;
  const refreshToken = context.oidc?.params?.['refresh_token'];
  if (typeof refreshToken !== 'string' || !isObject(body) || body['error'] !== 'invalid_grant') return;
  const session = await grantOf(db, refreshToken).catch(() => undefined);
  const why = session === undefined ? undefined : await sessions.whyEnded(session).catch(() => undefined);
  if (why !== undefined) context.body = { ...body, error_description: why };
}
