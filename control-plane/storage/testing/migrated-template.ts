import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { addressOf } from '../../../test/support/postgres-database.js';
import { migrateDatabase } from '../open-database.js';

/** By the process that runs the tests, of which each worker is a child: a later run has a template of its own. */
const TEMPLATE = `mcp_sso_template_${process.ppid}`;

let file: Promise<Buffer> | undefined;
let database: Promise<string> | undefined;

/** The bytes of a migrated SQLite database, made once in this process. */
export function sqliteTemplate(): Promise<Buffer> {
  file ??= migratedFile();
  return file;
}

/** The name of a migrated database on the server at `url`, made once for all workers of a run. */
export function postgresTemplate(url: string): Promise<string> {
  database ??= migratedDatabase(url);
  return database;
}

async function migratedFile(): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'mcp-sso-template-'));
  try {
    await migrateDatabase('sqlite:template.db', folder);
    return readFileSync(join(folder, 'template.db'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function migratedDatabase(url: string): Promise<string> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    // One worker makes it; the others wait.
    await client.query(`select pg_advisory_lock(hashtext('${TEMPLATE}'))`);
    const { rowCount } = await client.query('select from pg_database where datname = $1 and datistemplate', [TEMPLATE]);
    if (rowCount === 1) return TEMPLATE;
    await client.query(`create database ${TEMPLATE}`);
    await migrateDatabase(addressOf(url, TEMPLATE), tmpdir());
    await client.query(`alter database ${TEMPLATE} with is_template true allow_connections false`);
    return TEMPLATE;
  } finally {
    await client.end();
  }
}
