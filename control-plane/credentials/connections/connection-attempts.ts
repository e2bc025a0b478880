import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { ConnectionAttemptsTable } from '../../storage/credential-tables.js';
import type { StorageService } from '../../storage/storage.service.js';
import { reach } from './sealed-connection.js';
import { upstreamClient } from './upstream-client.js';

const PURPOSE = 'connection-attempts';
/** Milliseconds that a way through an authorization server may take. */
const LIFETIME = 600_000;

const contentSchema = z.strictObject({
  verifier: z.string(),
  issuer: z.string(),
  reach,
  client: upstreamClient,
  url: z.string().nullable(),
  resource: z.string().nullable(),
  scopes: z.array(z.string()),
  /** SHA-256 of the browser's key. */
  browser: z.string(),
});

/** What is remembered while a person is at an authorization server. */
export interface ConnectionAttempt extends z.output<typeof contentSchema> {
  readonly person: string;
  readonly server: string;
  readonly request: string | null;
}

/** Ways through authorization servers, by `state`: sealed, ten minutes, one use. */
export class ConnectionAttempts {
  constructor(private readonly storage: Pick<StorageService, 'db' | 'seal' | 'open'>) {}

  async put(state: string, { person, server, request, ...content }: ConnectionAttempt, now: number): Promise<void> {
    const row = { id: hashOf(state), person_id: person, server, request_id: request };
    const sealed = this.storage.seal(PURPOSE, boundTo(row), Buffer.from(JSON.stringify(content)));
    const values = { ...row, sealed, expires_at: now + LIFETIME };
    await this.storage.db.insertInto('connection_attempts').values(values).execute();
  }

  /** Looks without using it up. */
  async peek(state: string, now: number): Promise<ConnectionAttempt | undefined> {
    const row = await this.storage.db
      .selectFrom('connection_attempts')
      .selectAll()
      .where('id', '=', hashOf(state))
      .where('expires_at', '>', now)
      .executeTakeFirst();
    return row && this.#opened(row);
  }

  /** Uses it up: of two at once one gets it. */
  async take(state: string, now: number): Promise<ConnectionAttempt | undefined> {
    const row = await this.storage.db
      .deleteFrom('connection_attempts')
      .where('id', '=', hashOf(state))
      .where('expires_at', '>', now)
      .returningAll()
      .executeTakeFirst();
    return row && this.#opened(row);
  }

  #opened(row: ConnectionAttemptsTable): ConnectionAttempt {
    const content: unknown = JSON.parse(this.storage.open(PURPOSE, boundTo(row), row.sealed).toString());
    const { person_id: person, server, request_id: request } = row;
    return { ...contentSchema.parse(content), person, server, request };
  }
}

/** What is stored of `state` and of the browser's key. */
export function hashOf(value: string): string {
  return createHash('sha256').update(value).digest('base64url');
}

function boundTo({
  id,
  person_id: person,
  server,
  request_id: request,
}: Omit<ConnectionAttemptsTable, 'sealed' | 'expires_at'>): string {
  return JSON.stringify(['connection_attempts', id, person, server, request]);
}
