import { randomBytes } from 'node:crypto';
import { Client, TypeOverrides, types } from 'pg';

const numbers = new TypeOverrides();
numbers.setTypeParser(types.builtins.INT8, Number);

/** Makes an empty database on the server at `url`; resolves to its address. */
export async function createPostgresDatabase(url: string): Promise<string> {
  const name = `mcp_sso_${randomBytes(8).toString('hex')}`;
  await runSql(url, `create database ${name}`);
  const made = new URL(url);
  made.pathname = `/${name}`;
  return made.href;
}

/** Removes it, whoever is connected. */
export async function dropPostgresDatabase(url: string): Promise<void> {
  const server = new URL(url);
  const name = server.pathname.slice(1);
  server.pathname = '/postgres';
  await runSql(server.href, `drop database if exists ${name} with (force)`);
}

/** Runs statements over a connection of their own, as an investigator or an attacker would. */
export async function runSql(url: string, statements: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url, types: numbers, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statements)).rows;
  } finally {
    await client.end();
  }
}
