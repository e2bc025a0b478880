import { randomBytes } from 'node:crypto';
import { Client, TypeOverrides, types } from 'pg';

const numbers = new TypeOverrides();
numbers.setTypeParser(types.builtins.INT8, Number);

/** Makes a database on the server at `url`, empty or as `template` is; resolves to its address. */
export async function createPostgresDatabase(url: string, template = 'template1'): Promise<string> {
  const name = `mcp_sso_${randomBytes(8).toString('hex')}`;
  await runSql(url, `create database ${name} template ${template}`);
  return addressOf(url, name);
}

/** The address of another database of the same server. */
export function addressOf(url: string, name: string): string {
  const address = new URL(url);
  address.pathname = `/${name}`;
  return address.href;
}

/** Removes it, whoever is connected. */
export async function dropPostgresDatabase(url: string): Promise<void> {
  const name = new URL(url).pathname.slice(1);
  await runSql(addressOf(url, 'postgres'), `drop database if exists ${name} with (force)`);
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
