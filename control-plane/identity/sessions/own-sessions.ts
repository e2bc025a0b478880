import type { Kysely } from 'kysely';
import type { Database } from '../../storage/schema.js';
import { isLive } from './session-rows.js';

/** A sign-in of one person, live or over. Times are epoch milliseconds. */
export interface PastSession {
  readonly id: string;
  readonly clientId: string;
  readonly deviceName: string | null;
  readonly address: string;
  readonly createdAt: number;
  readonly live: boolean;
}

/** Those of the sign-ins that are this person's, by id; `now`: epoch milliseconds. */
export async function findOwnSessions(
  db: Kysely<Database>,
  person: string,
  ids: readonly string[],
  now: number,
): Promise<Map<string, PastSession>> {
  if (ids.length === 0) return new Map();
  const own = db.selectFrom('sessions').where('person_id', '=', person).where('id', 'in', ids);
  const [rows, live] = await Promise.all([
    own.select(['id', 'client_id', 'device_name', 'address', 'created_at']).execute(),
    own
      .select('id')
      .where((row) => isLive(row, now))
      .execute(),
  ]);
  const liveIds = new Set(live.map(({ id }) => id));
  return new Map(
    rows.map(({ id, client_id: clientId, device_name: deviceName, address, created_at: createdAt }) => {
      return [id, { id, clientId, deviceName, address, createdAt, live: liveIds.has(id) }];
    }),
  );
}
