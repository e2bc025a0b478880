import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { inject } from 'vitest';
import { run, type CommandResult } from '../../demo/stack/command.js';
import { inherited } from '../../demo/stack/inherited.js';
import { CRM_SECRET, IDP_SECRET_VARIABLE } from '../../demo/stack/company.js';
import { ROOT } from '../../demo/stack/root.js';
import type { Stack } from '../../demo/stack/stack.js';
import { createPostgresDatabase, runSql } from './postgres-database.js';

const CONTROL_PLANE = join(ROOT, 'dist', 'control-plane', 'main.js');
const SETTINGS = 'mcp-sso.yaml';

export type Engine = 'sqlite' | 'postgres';

/** A copy of a stack's configuration with a database of its own, for starts that are expected to fail. */
export class Installation {
  private constructor(
    private readonly stack: Stack,
    readonly directory: string,
    /** `sqlite:PATH` or the address of a PostgreSQL. */
    readonly database: string,
  ) {}

  /** With a database that was in use before: a secret was stored in it. */
  static async used(stack: Stack, engine: Engine): Promise<Installation> {
    const installation = await Installation.empty(stack, engine);
    const { code, stderr } = await installation.storeSecret();
    if (code !== 0) throw new Error(stderr);
    return installation;
  }

  /** With a database that nobody has opened yet. */
  static async empty(stack: Stack, engine: Engine): Promise<Installation> {
    const directory = mkdtempSync(join(stack.folder, 'installation-'));
    const isData = (path: string): boolean => path.startsWith(join(stack.config, 'data'));
    cpSync(stack.config, directory, { recursive: true, filter: (path) => !isData(path) });
    const database = engine === 'sqlite' ? 'sqlite:./data/mcp-sso.db' : await createPostgresDatabase(serverUrl());
    if (engine === 'postgres') {
      writeFileSync(join(directory, 'database'), database, { mode: 0o600 });
      const settings = readFileSync(join(directory, SETTINGS), 'utf8');
      writeFileSync(join(directory, SETTINGS), settings.replace(/^database: .*$/m, 'database: file:./database'));
    }
    return new Installation(stack, directory, database);
  }

  /** The folder of an SQLite database. */
  get data(): string {
    return join(this.directory, 'data');
  }

  /** Runs SQL on the database from outside. */
  async run(statement: string): Promise<void> {
    if (this.database.startsWith('postgres:')) return void (await runSql(this.database, statement));
    const database = new SQLite(join(this.data, 'mcp-sso.db'));
    database.exec(statement);
    database.close();
  }

  /** `start`, to its end. `inside`: a command that runs it, such as a sandbox with its options. */
  async start(inside: readonly string[] = []): Promise<CommandResult> {
    return this.#command([...inside, process.execPath, CONTROL_PLANE, 'start']);
  }

  /** `secret set`, the way to use a database without serving. */
  async storeSecret(): Promise<CommandResult> {
    return this.#command([process.execPath, CONTROL_PLANE, 'secret', 'set', CRM_SECRET], 'any-secret');
  }

  async #command([program = '', ...args]: readonly string[], input = ''): Promise<CommandResult> {
    const env = { ...inherited(), [IDP_SECRET_VARIABLE]: this.stack.idpSecret };
    return run(program, [...args, '--config', this.directory], { cwd: this.stack.folder, env, input });
  }
}

function serverUrl(): string {
  const url = inject('postgresUrl');
  if (url === null) throw new Error('There is no PostgreSQL.');
  return url;
}
