import { Socket } from 'node:net';
import { Kysely, PostgresDialect, sql } from 'kysely';
import { Pool, TypeOverrides, types, type ClientConfig } from 'pg';
import { CodedError } from '#shared/errors.js';
import type { Database } from '../schema.js';
import { connectionFault } from './connection-fault.js';

const CONNECTIONS = 10;
const CONNECT_MS = 5_000;
const STATEMENT_MS = 10_000;
/** Longer than any statement may take: who is silent for that long is gone, though no packet said so. */
const SILENCE_MS = 10_500;
const LOCK_MS = 5_000;
/** Changing a large table takes its time, and so does waiting for another replica that does it. */
const MIGRATION_MS = 600_000;
/** A transaction whose process is gone must not hold its locks. */
const IDLE_IN_TRANSACTION_MS = 15_000;
/** Older ones are no longer maintained. */
const OLDEST_VERSION = 15;

// Counts and epoch milliseconds, all below 2^53.
const numbers = new TypeOverrides();
numbers.setTypeParser(types.builtins.INT8, Number);

/** How every connection to PostgreSQL is made: each wait has an end, and a commit is on disk before it is reported. */
export function connectionSettings(url: string): ClientConfig {
  return {
    connectionString: url,
    types: numbers,
    application_name: 'mcp-sso',
    connectionTimeoutMillis: CONNECT_MS,
    statement_timeout: STATEMENT_MS,
    query_timeout: STATEMENT_MS + 1_000,
    lock_timeout: LOCK_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    keepAlive: true,
    options: '-c synchronous_commit=on -c default_transaction_isolation=read\\ committed',
  };
}

/** A pool on `postgres://…`, connecting when it is first used. `onLost` hears of connections that broke; the pool replaces them. */
export function openPostgres(url: string, onLost: (error: Error) => void): Kysely<Database> {
  const pool = new Pool({ ...connectionSettings(url), stream: mortalSocket, max: CONNECTIONS });
  pool.on('error', () => undefined);
  // The pool listens to idle connections only, and an error of a lent one that nobody hears would end the process.
  pool.on('connect', (client) => client.on('error', onLost));
  return new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
}

/**
 * One connection on `postgres://…`, checked, that may take its time.
 * @throws CodedError config_invalid where the server can't be reached, refuses us, is too old, or loses what it commits.
 */
export async function openPostgresForMigration(url: string): Promise<Kysely<Database>> {
  const limits = { statement_timeout: MIGRATION_MS, query_timeout: MIGRATION_MS, lock_timeout: MIGRATION_MS };
  const pool = new Pool({ ...connectionSettings(url), ...limits, max: 1 });
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  try {
    await checkServer(db);
    return db;
  } catch (cause) {
    await db.destroy();
    if (cause instanceof CodedError) throw cause;
    const message = `The database ${shownUrl(url)} cannot be opened: ${connectionFault(cause)}`;
    throw new CodedError('config_invalid', { message, cause });
  }
}

/** `query_timeout` gives up on a query, but would hand its dead connection to the next one. */
function mortalSocket(): Socket {
  const socket = new Socket();
  return socket.setTimeout(SILENCE_MS, () => socket.destroy(new Error('The database did not answer')));
}

async function checkServer(db: Kysely<Database>): Promise<void> {
  const { rows } = await sql<{ version: string; durable: string; encoding: string }>`
    select current_setting('server_version_num') as version,
      current_setting('synchronous_commit') as durable,
      current_setting('server_encoding') as encoding`.execute(db);
  const { version = '0', durable, encoding } = rows[0] ?? {};
  const major = Math.floor(Number(version) / 10_000);
  if (major < OLDEST_VERSION) {
    throw new CodedError('config_invalid', {
      message: `The database is PostgreSQL ${major}; mcp-sso needs ${OLDEST_VERSION} or newer. Upgrade it, or name another in \`database\`.`,
    });
  }
  if (durable === 'off') throw refusal('has synchronous_commit off, so an audit record could be lost. Switch it on.');
  if (encoding !== 'UTF8') throw refusal(`has the encoding ${encoding}. Create it with ENCODING 'UTF8'.`);
}

function refusal(what: string): CodedError {
  return new CodedError('config_invalid', { message: `The database ${what}` });
}

/** The address without user, password and parameters. */
export function shownUrl(url: string): string {
  const parsed = URL.parse(url);
  if (!parsed) return 'postgres://…';
  return `postgres://${parsed.host}${parsed.pathname}`;
}
