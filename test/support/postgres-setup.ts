import type { TestProject } from 'vitest/node';
import { runSql } from './postgres-database.js';
import { PostgresServer } from './postgres-server.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Of a superuser on a server that tests may make databases on; null where there is none. */
    readonly postgresUrl: string | null;
  }
}

const ABSENT = 'PostgreSQL is not installed. Run: apt-get install -y postgresql, or set TEST_POSTGRES_URL.';

/** One PostgreSQL for a whole run: the one that TEST_POSTGRES_URL names, else the installed one, started here. */
export default async function postgres(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const given = process.env['TEST_POSTGRES_URL'];
  if (given === undefined && PostgresServer.installed() !== undefined) {
    const server = await PostgresServer.start({ durable: false });
    project.provide('postgresUrl', server.url);
    return () => server[Symbol.asyncDispose]();
  }
  project.provide('postgresUrl', given ?? null);
  if (given !== undefined) return () => dropTemplate(given);
  if (process.env['CI'] === 'true') throw new Error(ABSENT);
  process.stderr.write(`Skipped: every test “on PostgreSQL”. ${ABSENT}\n`);
  return undefined;
}

/** What `migrated-template.ts` left on a server that goes on. */
async function dropTemplate(url: string): Promise<void> {
  const name = `mcp_sso_template_${process.pid}`;
  const made = await runSql(url, `select from pg_database where datname = '${name}'`).catch(() => []);
  if (made.length === 0) return;
  await runSql(url, `alter database ${name} with is_template false`);
  await runSql(url, `drop database ${name}`);
}
