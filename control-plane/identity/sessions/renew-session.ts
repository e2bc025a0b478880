import type { ExpressionBuilder, Kysely } from 'kysely';
import type { Database } from '../../storage/schema.js';
import type { Session } from '../caller.js';

/** What a new sign-in of the same person says, in place of what an earlier one said. */
export type RenewedSignIn = Pick<
  Session,
  'groups' | 'acr' | 'amr' | 'authTime' | 'idpSession' | 'managedDevice' | 'idpCheckedAt' | 'lastUsedAt'
>;

/**
 * All of it or nothing, because time and kind belong to one sign-in: an `acr` of an earlier one is not carried over to a
 * later time. Only groups and device stay where the IdP was asked after that sign-in: the page may have waited for its click, and
 * what was taken away meanwhile must not come back. False where the session has ended, or is not this person's.
 */
export async function renewSession(
  db: Kysely<Database>,
  { id, person }: Pick<Session, 'id' | 'person'>,
  { groups, acr, amr, authTime, idpSession, managedDevice, idpCheckedAt, lastUsedAt }: RenewedSignIn,
  sealed: { readonly refreshToken: Buffer; readonly tokens: Buffer | null },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('sessions')
    .set((row) => ({
      groups: latest(row, 'groups', JSON.stringify(groups), idpCheckedAt),
      acr,
      amr: JSON.stringify(amr),
      auth_time: authTime,
      idp_session: idpSession,
      managed_device: latest(row, 'managed_device', Number(managedDevice), idpCheckedAt),
      idp_checked_at: latest(row, 'idp_checked_at', idpCheckedAt, idpCheckedAt),
      last_used_at: lastUsedAt,
      sealed_idp_refresh_token: sealed.refreshToken,
      sealed_idp_tokens: sealed.tokens,
    }))
    .where('id', '=', id)
    .where('person_id', '=', person.id)
    .where('ended_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** What stands there where the IdP was asked after `saidAt`, or else the new value. */
function latest<C extends 'groups' | 'managed_device' | 'idp_checked_at', V>(
  row: ExpressionBuilder<Database, 'sessions'>,
  column: C,
  value: V,
  saidAt: number,
) {
  return row.case().when('idp_checked_at', '>', saidAt).then(row.ref(column)).else(value).end();
}
