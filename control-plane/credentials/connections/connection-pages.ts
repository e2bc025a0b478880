import type { Kysely } from 'kysely';
import type { Database } from '../../storage/schema.js';
import type { Connection } from './connection.js';
import { shownConnection } from './connection-rows.js';

export interface ConnectionPageFilter {
  /** Ids of people; without it, everyone's. */
  readonly people?: readonly string[];
  readonly server?: string;
  /** Where the page before ended. */
  readonly after?: Pick<Connection, 'createdAt' | 'id'>;
  readonly limit: number;
}

/** Newest first: one more than asked for tells that there is a next page. */
export async function connectionPage(db: Kysely<Database>, filter: ConnectionPageFilter): Promise<Connection[]> {
  const { people, server, after, limit } = filter;
  if (people?.length === 0) return [];
  const rows = await db
    .selectFrom('connections')
    .selectAll()
    .$if(people !== undefined, (query) => query.where('person_id', 'in', people ?? []))
    .$if(server !== undefined, (query) => query.where('server', '=', server ?? ''))
    .$if(after !== undefined, (query) =>
      query.where((row) =>
        row.or([
          row('created_at', '<', after?.createdAt ?? 0),
          row.and([row('created_at', '=', after?.createdAt ?? 0), row('id', '<', after?.id ?? '')]),
        ]),
      ),
    )
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  return rows.map(shownConnection);
}
