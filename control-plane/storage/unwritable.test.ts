import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { CodedError } from '#shared/errors.js';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from './open-database.js';
import { onPostgres } from './testing/engines.js';
import { TestDatabase } from './testing/test-database.js';
import { unwritable } from './unwritable.js';

function errorOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

test('a database that SQLite may only read is told by the code of the error, however deep that lies', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mcp-sso-unwritable-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'a.db');
  new SQLite(path).close();
  const database = new SQLite(path, { readonly: true });
  onTestFinished(() => void database.close());
  const cause = errorOf(() => database.exec('create table a (b)'));
  const wrapped = new CodedError('audit_unavailable', { cause: new CodedError('internal', { cause }) });
  expect(unwritable(wrapped, path)).toMatchObject({
    code: 'config_invalid',
    message: `The database ${path} cannot be written: its disk is read-only. Make it writable, then start again.`,
  });
});

test('what is no matter of writing is left to others', () => {
  expect(unwritable(new Error('no such table'), 'a.db')).toBeUndefined();
  expect(unwritable('ENOSPC', 'a.db')).toBeUndefined();
});

onPostgres(() => {
  test('a role that may not make tables is told so', async () => {
    await using database = await TestDatabase.empty('postgres');
    const url = new URL(database.location);
    url.username = `guest_${url.pathname.slice(-8)}`;
    url.password = 'only-in-tests';
    await database.run(`create role ${url.username} login password '${url.password}'`);
    await expect(openDatabase(url.href, database.directory)).rejects.toMatchObject({
      code: 'config_invalid',
      message: `The database postgres://${url.host}${url.pathname} cannot be written: its role may not write there. Make the role the owner of the schema and of its tables.`,
    });
    await database.run(`drop role ${url.username}`);
  });
});
