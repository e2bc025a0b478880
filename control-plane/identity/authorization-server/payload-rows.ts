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
