import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import { z } from 'zod';
import { CodedError } from '#shared/errors.js';
import { personById } from '../../identity/sessions/persons.js';
import type { ConnectionRequestsTable } from '../../storage/credential-tables.js';
import type { Database } from '../../storage/schema.js';
import type { StorageService } from '../../storage/storage.service.js';
import type { AskedConnection, ConnectionCall } from './connection.js';

const PURPOSE = 'connection-requests';
/** Milliseconds for which a person may take their time. */
const LIFETIME = 15 * 60_000;
/** Open requests of one person. */
const MAX_OPEN = 20;

const contentSchema = z.strictObject({
  by: z.strictObject({ client: z.string(), device: z.string().nullable(), address: z.string() }).nullable(),
  scopes: z.array(z.string()),
});
type RequestContent = z.output<typeof contentSchema>;

/** What calls wait for, on all replicas: a person's yes at an authorization server. */
export class ConnectionRequests {
  constructor(private readonly storage: Pick<StorageService, 'db' | 'seal' | 'open'>) {}

  /** The request that is open for this person, server and these scopes, or a new one. Throws `rate_limited`. */
  async ask(call: ConnectionCall, now: number): Promise<{ readonly asked: AskedConnection; readonly isNew: boolean }> {
    const rows = await this.#open(call.person.id, now);
    for (const row of rows.filter(({ server }) => server === call.server)) {
      const asked = this.#asked(row, call.person, now);
      if ((call.scopes ?? []).every((scope) => asked.scopes.includes(scope))) return { asked, isNew: false };
    }
    if (rows.length >= MAX_OPEN) throw tooMany();
    const row = this.#row(call, now);
    await this.storage.db.insertInto('connection_requests').values(row).execute();
    return { asked: this.#asked(row, call.person, now), isNew: true };
  }

  async byId(id: string, now: number): Promise<AskedConnection | undefined> {
    const row = await this.storage.db
      .selectFrom('connection_requests')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    const person = row && (await personById(this.storage.db, row.person_id));
    return row && person && this.#asked(row, person, now);
  }

  async forget(id: string): Promise<void> {
    await this.storage.db.deleteFrom('connection_requests').where('id', '=', id).execute();
  }

  async #open(person: string, now: number): Promise<ConnectionRequestsTable[]> {
    return this.storage.db
      .selectFrom('connection_requests')
      .selectAll()
      .where('person_id', '=', person)
      .where('state', '=', 'open')
      .where('expires_at', '>', now)
      .orderBy('created_at')
      .limit(MAX_OPEN)
      .execute();
  }

  #row({ person, session, server, by, scopes = [] }: ConnectionCall, now: number): ConnectionRequestsTable {
    const row = {
      id: `cnr_${randomUUID().replaceAll('-', '')}`,
      person_id: person.id,
      session_id: session,
      server,
      state: 'open',
      created_at: now,
      expires_at: now + LIFETIME,
      decided_at: null,
    };
    const content: RequestContent = { by, scopes: [...scopes] };
    return { ...row, sealed: this.storage.seal(PURPOSE, boundTo(row), Buffer.from(JSON.stringify(content))) };
  }

  #asked(row: ConnectionRequestsTable, person: AskedConnection['person'], now: number): AskedConnection {
    const content: unknown = JSON.parse(this.storage.open(PURPOSE, boundTo(row), row.sealed).toString());
    const { id, server, created_at: askedAt, expires_at: expiresAt } = row;
    return { id, person, server, state: stateOf(row, now), ...contentSchema.parse(content), askedAt, expiresAt };
  }
}

/**
 * Everybody of a person's at a server who waits for a connection, and the request that led to it, though it was refused in another
 * tab: what the person agreed to last counts. Returns their ids.
 */
export async function settleRequests(
  db: Kysely<Database>,
  { person, server }: { readonly person: string; readonly server: string },
  request: string | null,
  now: number,
): Promise<string[]> {
  const rows = await db
    .updateTable('connection_requests')
    .set({ state: 'done', decided_at: now })
    .where('person_id', '=', person)
    .where('server', '=', server)
    .where((row) =>
      row.or([row('state', '=', 'open'), row.and([row('state', '=', 'refused'), row('id', '=', request)])]),
    )
    .returning('id')
    .execute();
  return rows.map(({ id }) => id);
}

/** The person has said no. False where it is not theirs, or no longer open. */
export async function refuseRequest(db: Kysely<Database>, id: string, person: string, now: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('connection_requests')
    .set({ state: 'refused', decided_at: now })
    .where('id', '=', id)
    .where('person_id', '=', person)
    .where('state', '=', 'open')
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

function stateOf({ state, expires_at: end }: ConnectionRequestsTable, now: number): AskedConnection['state'] {
  if (state === 'done' || state === 'refused') return state;
  return end <= now ? 'expired' : 'open';
}

function boundTo({
  id,
  person_id: person,
  server,
}: Pick<ConnectionRequestsTable, 'id' | 'person_id' | 'server'>): string {
  return JSON.stringify(['connection_requests', id, person, server]);
}

function tooMany(): CodedError {
  return new CodedError('rate_limited', {
    message: `${MAX_OPEN} of your calls wait for you to connect an account, which is the limit. Make this one again when you have.`,
  });
}
