import { createHash } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Database } from '../../storage/schema.js';

/** Ids of codes, tokens and interactions are secrets: only their SHA-256 is stored. */
export function hashedId(id: string): string {
  return createHash('sha256').update(id).digest('base64url');
}

/** Deletes a grant with everything issued under it. */
export async function revokeGrant(db: Kysely<Database>, grantId: string): Promise<void> {
  await db.deleteFrom('oidc_payloads').where('grant_id', '=', grantId).execute();
}

const REFRESH_TOKEN = 'RefreshToken';
/** Model of what is left of a refresh token: nothing is found by it and nothing can be made of it. */
const RETIRED = 'RetiredRefreshToken';
const RETIRED_FOR_MS = 7 * 24 * 3_600_000;

/**
 * As `revokeGrant`, of a session that ran out: for a week whoever shows its refresh token is told so.
 * `now`: epoch milliseconds.
 */
export async function retireGrant(db: Kysely<Database>, grantId: string, now: number): Promise<void> {
  await db
    .updateTable('oidc_payloads')
    .set({ model: RETIRED, sealed: Buffer.alloc(0), expires_at: now + RETIRED_FOR_MS })
    .where('grant_id', '=', grantId)
    .where('model', '=', REFRESH_TOKEN)
    .where('consumed_at', 'is', null)
    .execute();
  await db.deleteFrom('oidc_payloads').where('grant_id', '=', grantId).where('model', '<>', RETIRED).execute();
}

/** The grant of a refresh token, also of one that has expired or was retired. */
export async function grantOf(db: Kysely<Database>, refreshToken: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('oidc_payloads')
    .select('grant_id')
    .where('model', 'in', [RETIRED, REFRESH_TOKEN])
    .where('id_hash', '=', hashedId(refreshToken))
    .executeTakeFirst();
  return row?.grant_id ?? undefined;
}
