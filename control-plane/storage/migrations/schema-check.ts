import SQLite from 'better-sqlite3';
import { Kysely, sql, SqliteDialect } from 'kysely';
import { DEFAULT_MIGRATION_TABLE, type Migration } from 'kysely/migration';
import { CodedError } from '#shared/errors.js';
import { engineOf } from '../engine.js';
import type { Database } from '../schema.js';

export type Migrations = Readonly<Record<string, Migration>>;

/** Tables by name, and columns as `table.column`. */
type Shape = ReadonlySet<string>;

/** What a whole list makes, found out once: trying it out takes longer than all else of a start on a database that is up to date. */
const complete = new WeakMap<Migrations, Promise<Shape>>();

/**
 * Refuses a database that is not what the migrations on its record have made: written by a newer version, or with a
 * table, a column or the record itself lost. Changes nothing.
 * @throws CodedError config_invalid, naming the first thing that does not fit.
 */
export async function checkSchema(db: Kysely<Database>, migrations: Migrations): Promise<void> {
  const { recorded, shape } = await storedSchema(db);
  const unknown = recorded.filter((name) => !(name in migrations));
  if (unknown.length > 0) {
    throw refusal(
      `The database was written by a newer version of mcp-sso (${unknown.join(', ')}). Run that version, or restore a backup from before the upgrade.`,
    );
  }
  // Later ones may build on one whose record is lost, so they could not be run without it.
  const gap = Object.keys(migrations).findIndex((name) => !recorded.includes(name));
  const all = await shapeAfterAll(migrations);
  const made = gap < 0 ? all : await shapeAfter(Object.values(migrations).slice(0, gap));
  const finding = missing(made, shape) ?? unrecorded(all, made, shape);
  if (finding === undefined) return;
  throw refusal(`The database is damaged: ${finding}. Restore the whole of it from a backup.`);
}

/** Both are read from one snapshot, so that a migration by another process is seen whole or not at all. */
async function storedSchema(db: Kysely<Database>): Promise<{ recorded: string[]; shape: Shape }> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (snapshot) => {
      const shape = await shapeOf(snapshot);
      if (!shape.has(DEFAULT_MIGRATION_TABLE)) return { recorded: [], shape };
      const record = sql.table(DEFAULT_MIGRATION_TABLE);
      const { rows } = await sql<{ name: string }>`select name from ${record} order by name`.execute(snapshot);
      return { recorded: rows.map(({ name }) => name), shape };
    });
}

function shapeAfterAll(migrations: Migrations): Promise<Shape> {
  const known = complete.get(migrations) ?? shapeAfter(Object.values(migrations));
  complete.set(migrations, known);
  return known;
}

/** What migrations make, found out by running them in memory. */
async function shapeAfter(migrations: readonly Migration[]): Promise<Shape> {
  const db = new Kysely<Database>({ dialect: new SqliteDialect({ database: new SQLite(':memory:') }) });
  try {
    for (const migration of migrations) await migration.up(db);
    return await shapeOf(db);
  } finally {
    await db.destroy();
  }
}

async function shapeOf(db: Kysely<Database>): Promise<Shape> {
  const query = engineOf(db) === 'postgres' ? COLUMNS_IN_POSTGRES : COLUMNS_IN_SQLITE;
  const { rows } = await sql.raw<{ table: string; column: string }>(query).execute(db);
  return new Set(rows.flatMap(({ table, column }) => [table, `${table}.${column}`]));
}

const COLUMNS_IN_SQLITE = `
  select m.name as "table", c.name as "column"
  from sqlite_master m join pragma_table_info(m.name) c
  where m.type = 'table'`;

const COLUMNS_IN_POSTGRES = `
  select c.relname as "table", a.attname as "column"
  from pg_class c join pg_attribute a on a.attrelid = c.oid
  where c.relkind in ('r', 'p') and pg_table_is_visible(c.oid) and a.attnum > 0 and not a.attisdropped`;

function missing(made: Shape, actual: Shape): string | undefined {
  const first = [...made].find((name) => !actual.has(name));
  return first === undefined ? undefined : `${described(first)} is missing`;
}

/** Running a migration whose tables are there already would fail in the middle. */
function unrecorded(all: Shape, made: Shape, actual: Shape): string | undefined {
  const first = [...all].find((name) => !made.has(name) && actual.has(name));
  return first === undefined ? undefined : `${described(first)} is there, but no record of the migration that makes it`;
}

function described(name: string): string {
  return `the ${name.includes('.') ? 'column' : 'table'} ${name}`;
}

function refusal(message: string): CodedError {
  return new CodedError('config_invalid', { message });
}
