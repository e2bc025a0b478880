import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { databaseObjection, databaseWarnings } from './check-database.js';
import { settingsSchema } from './settings.js';

const WORD = 'hidden-word';
const ADDRESS = `postgres://mcp:${WORD}@db.acme.example/mcp`;
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mcp-sso-database-'));
  writeFileSync(join(directory, 'ca.pem'), 'certificate');
  writeFileSync(join(directory, 'db.url'), `${ADDRESS}?sslmode=verify-full\n`, { mode: 0o600 });
  writeFileSync(join(directory, 'open.url'), ADDRESS);
  chmodSync(join(directory, 'open.url'), 0o644);
});
afterEach(() => rmSync(directory, { recursive: true }));

function objection(database: string) {
  const environment = { DATABASE: ADDRESS, EMPTY: '', ELSEWHERE: 'mysql://x' };
  return databaseObjection(database, { value: {}, directory, environment });
}

test.each([
  'sqlite:./data/mcp-sso.db',
  ADDRESS,
  ADDRESS.replace('postgres:', 'postgresql:'),
  `${ADDRESS}?sslmode=verify-full`,
  'postgres:///mcp?host=/var/run/postgresql',
  'env:DATABASE',
  'file:db.url',
])('%s is fine', async (database) => {
  expect(await objection(database)).toBeUndefined();
});

test('an authority’s certificate is named by a whole path', async () => {
  expect(await objection(`${ADDRESS}?sslmode=verify-full&sslrootcert=${directory}/ca.pem`)).toBeUndefined();
});

test.each([
  [`postgres://mcp:${WORD}@[/mcp`, 'not the address of a PostgreSQL'],
  [`postgres://mcp:${WORD}@db.acme.example`, 'the address names no database'],
  [`${ADDRESS}?sslmode=require`, 'sslmode=require is not supported'],
  [`${ADDRESS}?sslmode=no-verify`, 'sslmode=no-verify is not supported'],
  [`${ADDRESS}?options=-c%20synchronous_commit%3Doff`, 'the address sets options'],
  [`${ADDRESS}?password=other`, 'the address sets password'],
  [`${ADDRESS}?sslmode=verify-full&sslrootcert=ca.pem`, 'the file of sslrootcert cannot be read'],
  [`${ADDRESS}?sslmode=verify-full&sslrootcert=/no/such/file`, 'the file of sslrootcert cannot be read'],
  ['env:NOT_SET', 'the environment variable NOT_SET is not set'],
  ['env:EMPTY', 'the environment variable EMPTY is empty'],
  ['env:ELSEWHERE', 'env:ELSEWHERE holds no address of a PostgreSQL'],
  ['file:open.url', 'every user of this machine may open open.url'],
])('%s is refused, and its password is not repeated', async (database, message) => {
  const found = await objection(database);
  expect(found).toMatchObject({ message });
  expect(JSON.stringify(found)).not.toContain(WORD);
});

const PASSWORD = 'database: a password stands in mcp-sso.yaml; move the whole address to env:NAME or file:PATH';
const OPEN = 'database: the connection is not encrypted; add sslmode=verify-full to the address';

test.each<readonly [string, readonly string[]]>([
  ['sqlite:./data/mcp-sso.db', []],
  [ADDRESS, [PASSWORD, OPEN]],
  [`${ADDRESS}?sslmode=verify-full`, [PASSWORD]],
  [`${ADDRESS}?sslmode=disable`, [PASSWORD, OPEN]],
  ['postgres://mcp@127.0.0.1:5432/mcp', []],
  ['postgres://mcp@localhost/mcp?host=db.acme.example', [OPEN]],
  ['postgres:///mcp?host=/var/run/postgresql', []],
  ['env:DATABASE', [OPEN]],
  ['file:db.url', []],
])('%s is warned about', async (database, expected) => {
  const settings = settingsSchema.parse({
    publicUrl: 'https://mcp.acme.example',
    database,
    identity: { providers: {} },
    servers: {},
  });
  const environment = { DATABASE: ADDRESS };
  const config = { directory, settings, policyFiles: [], masterKey: Buffer.alloc(32), environment };
  expect(await databaseWarnings(config)).toEqual(expected);
});
