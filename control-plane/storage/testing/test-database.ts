import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { inject } from 'vitest';
import { createPostgresDatabase, dropPostgresDatabase, runSql } from '../../../test/support/postgres-database.js';
import type { Engine } from '../engine.js';
import { postgresTemplate, sqliteTemplate } from './migrated-template.js';

/** A database of one test's own, and a folder that stands for the configuration directory. */
export class TestDatabase implements AsyncDisposable {
  private constructor(
    readonly engine: Engine,
    readonly directory: string,
    /** What `database` in the settings would say. */
    readonly location: string,
  ) {}

  /** With the schema of today: a copy of one that was migrated, since hundreds of tests need it. */
  static async create(engine: Engine): Promise<TestDatabase> {
    const directory = mkdtempSync(join(tmpdir(), 'mcp-sso-database-'));
    if (engine === 'postgres') {
      return new TestDatabase(
        engine,
        directory,
        await createPostgresDatabase(serverUrl(), await postgresTemplate(serverUrl())),
      );
    }
    const file = join(directory, 'test.db');
    writeFileSync(file, await sqliteTemplate());
    return new TestDatabase(engine, directory, `sqlite:${file}`);
  }

  /** Without any schema, as a company makes it. */
  static async empty(engine: Engine): Promise<TestDatabase> {
    const directory = mkdtempSync(join(tmpdir(), 'mcp-sso-database-'));
    const location =
      engine === 'sqlite' ? `sqlite:${join(directory, 'test.db')}` : await createPostgresDatabase(serverUrl());
    return new TestDatabase(engine, directory, location);
  }

  /** Runs statements from outside, over a connection of their own, as an investigator or an attacker would. */
  async run(statements: string): Promise<void> {
    if (this.engine === 'postgres') return void (await runSql(this.location, statements));
    using connection = this.#sqlite();
    connection.db.exec(statements);
  }

  /** The rows of one query from outside. */
  async query<Row>(statement: string): Promise<Row[]> {
    if (this.engine === 'postgres') return (await runSql(this.location, statement)) as Row[];
    using connection = this.#sqlite();
    return connection.db.prepare(statement).all() as Row[];
  }

  /** From now on every insert into the table, or update of it, fails with `disk full`. */
  async breakWrites(operation: 'insert' | 'update', table: string): Promise<void> {
    const trigger = `create trigger broken_${table} before ${operation} on ${table}`;
    await this.run(
      this.engine === 'sqlite'
        ? `${trigger} begin select raise(abort, 'disk full'); end`
        : `create or replace function broken() returns trigger language plpgsql as $$ begin raise exception 'disk full'; end $$;
           ${trigger} for each row execute function broken()`,
    );
  }

  async mendWrites(table: string): Promise<void> {
    await this.run(`drop trigger broken_${table}${this.engine === 'sqlite' ? '' : ` on ${table}`}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    rmSync(this.directory, { recursive: true, force: true });
    if (this.engine === 'postgres') await dropPostgresDatabase(this.location);
  }

  #sqlite(): Disposable & { db: SQLite.Database } {
    const db = new SQLite(join(this.directory, 'test.db'));
    return { db, [Symbol.dispose]: () => void db.close() };
  }
}

function serverUrl(): string {
  const url = inject('postgresUrl');
  if (url === null) throw new Error('There is no PostgreSQL: wrap the test in onPostgres or onEachEngine.');
  return url;
}
