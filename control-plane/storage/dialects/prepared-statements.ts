import type SQLite from 'better-sqlite3';

const MAX_STATEMENTS = 200;
/** All others may change what a prepared statement means. */
const REUSABLE = /^(?:select|insert|update|delete|begin|commit|rollback)\b/i;

/** Prepares each statement once, as long as it is among the last ones: preparing costs more than most statements do. */
export class PreparedStatements {
  readonly #statements = new Map<string, SQLite.Statement>();

  constructor(private readonly database: SQLite.Database) {}

  prepare(sql: string): SQLite.Statement {
    const known = this.#statements.get(sql);
    const statement = known ?? this.database.prepare(sql);
    if (!REUSABLE.test(sql)) this.#statements.clear();
    else this.#remember(sql, statement);
    return statement;
  }

  close(): void {
    this.#statements.clear();
    this.database.close();
  }

  #remember(sql: string, statement: SQLite.Statement): void {
    this.#statements.delete(sql);
    this.#statements.set(sql, statement);
    if (this.#statements.size <= MAX_STATEMENTS) return;
    const [oldest] = this.#statements.keys();
    if (oldest !== undefined) this.#statements.delete(oldest);
  }
}
