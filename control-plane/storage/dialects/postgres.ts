import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { CodedError, errorText } from '#shared/errors.js';
import type { Database } from '../schema.js';

const CONNECTIONS = 10;
const CONNECT_MS = 5_000;
const STATEMENT_MS = 10_000;
const LOCK_MS = 5_000;
/** A transaction whose process is gone must not hold its locks. */
const IDLE_IN_TRANSACTION_MS = 15_000;
/** Older ones are no longer maintained. */
const OLDEST_VERSION = 15;

// Counts and epoch milliseconds, all below 2^53.
const types = new pg.TypeOverrides();
types.setTypeParser(pg.types.builtins.INT8, Number);

/** How every connection to PostgreSQL is made: each wait has an end, and a commit is on disk before it is reported. */
export function connectionSettings(url: string): pg.ClientConfig {
  return {
    connectionString: url,
    types,
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

/**
 * Opens a pool on `postgres://…`. `onLost` hears of idle connections that broke; the pool replaces them by itself.
 * @throws CodedError config_invalid where the server can't be reached, refuses us, or is too old.
 */
export async function openPostgres(url: string, onLost: (error: Error) => void): Promise<Kysely<Database>> {
  const pool = new pg.Pool({ ...connectionSettings(url), max: CONNECTIONS });
  pool.on('error', onLost);
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  try {
    await checkServer(db);
  } catch (cause) {
    await db.destroy();
    if (cause instanceof CodedError) throw cause;
    throw new CodedError('config_invalid', {
      message: `The database ${shownUrl(url)} cannot be opened: ${errorText(cause)}. Check that it runs, and that address, name and password are right.`,
      cause,
    });
  }
  return db;
}

async function checkServer(db: Kysely<Database>): Promise<void> {
  const { rows } = await sql<{ version: string }>`select current_setting('server_version_num') as version`.execute(db);
  const major = Math.floor(Number(rows[0]?.version ?? 0) / 10_000);
  if (major >= OLDEST_VERSION) return;
  throw new CodedError('config_invalid', {
    message: `The database is PostgreSQL ${major}; mcp-sso needs ${OLDEST_VERSION} or newer. Upgrade it, or name another in \`database\`.`,
  });
}

/** The address without its password. */
export function shownUrl(url: string): string {
  const parsed = URL.parse(url);
  if (!parsed) return 'postgres://…';
  return `postgres://${parsed.host}${parsed.pathname}`;
}
