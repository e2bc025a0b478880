import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { SeverableProxy } from '../../../test/support/severable-proxy.js';
import { onPostgres } from '../testing/engines.js';
import { TestDatabase } from '../testing/test-database.js';
import { openPostgres, openPostgresForMigration, shownUrl } from './postgres.js';

const ignored = (): void => undefined;

test('an address is shown without user, password and parameters', () => {
  expect(shownUrl('postgres://me:secret@db.acme.example:5433/mcp?sslmode=verify-full')).toBe(
    'postgres://db.acme.example:5433/mcp',
  );
  expect(shownUrl('postgres://me:se cret@[')).toBe('postgres://…');
});

test('where nothing answers, the refusal says so without the password', async () => {
  await expect(openPostgresForMigration('postgres://me:secret@localhost:9/mcp')).rejects.toMatchObject({
    code: 'config_invalid',
    message:
      'The database postgres://localhost:9/mcp cannot be opened: nothing answers there. Check that it runs, and that address and port are right.',
  });
  await expect(openPostgresForMigration('postgres://me:secret@no-such-host.invalid/mcp')).rejects.toThrow(
    'cannot be opened: its host name is unknown.',
  );
});

onPostgres(() => {
  test.each([
    ['another password', (url: URL) => (url.password = 'wrong'), 'it refuses the user or the password.'],
    ['an unknown user', (url: URL) => (url.username = 'nobody'), 'it refuses the user or the password.'],
    ['an unknown database', (url: URL) => (url.pathname = '/nothing'), 'the server has no database of that name.'],
    [
      'TLS where the server has none',
      (url: URL) => (url.search = '?sslmode=verify-full'),
      'The server does not support SSL connections. Check the server and the address.',
    ],
  ])('%s is refused in words, never with the password', async (_case, change, words) => {
    await using database = await TestDatabase.empty('postgres');
    const url = new URL(database.location);
    change(url);
    const refusal = await openPostgresForMigration(url.href).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'config_invalid', message: expect.stringContaining(words) as string });
    expect((refusal as Error).message).not.toContain('only-in-tests');
    expect((refusal as Error).message).not.toContain('wrong');
  });

  test('a database that may lose what it has committed, or holds no Unicode, is refused', async () => {
    await using database = await TestDatabase.empty('postgres');
    const url = `${database.location}?options=-c%20synchronous_commit%3Doff`;
    await expect(openPostgresForMigration(url)).rejects.toThrow('has synchronous_commit off');
  });

  test('each connection commits durably, and no wait is without an end', async () => {
    await using database = await TestDatabase.empty('postgres');
    const db = openPostgres(database.location, ignored);
    const names = ['synchronous_commit', 'statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout'];
    const shown = names.map((name) => sql<{ value: string }>`select current_setting(${name}) as value`.execute(db));
    const values = (await Promise.all(shown)).map(({ rows }) => rows[0]?.value);
    await db.destroy();
    expect(values).toEqual(['on', '10s', '5s', '15s']);
  });

  test('when all connections are taken, who waits for one is told so', async () => {
    await using database = await TestDatabase.empty('postgres');
    const db = openPostgres(database.location, ignored);
    const done = Promise.withResolvers<void>();
    const busy = Array.from({ length: 10 }, () => db.connection().execute(() => done.promise));
    await expect(sql`select 1`.execute(db)).rejects.toThrow('timeout exceeded when trying to connect');
    done.resolve();
    await Promise.all(busy);
    await expect(sql`select 1`.execute(db)).resolves.toBeDefined();
    await db.destroy();
  }, 20_000);

  test('connections that the server cuts are replaced', async () => {
    await using database = await TestDatabase.empty('postgres');
    const lost: string[] = [];
    const db = openPostgres(database.location, ({ message }) => lost.push(message));
    await sql`select 1`.execute(db);
    await database.run(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
    );
    await expect.poll(() => lost).toEqual([expect.stringContaining('terminating connection')]);
    await expect(sql`select 1`.execute(db)).resolves.toBeDefined();
    await db.destroy();
  });

  test('a server that falls silent costs one wait, and its connection is not used again', async () => {
    await using database = await TestDatabase.empty('postgres');
    await using proxy = await SeverableProxy.to(database.location);
    const db = openPostgres(proxy.url, ignored);
    const connection = async () =>
      (await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db)).rows[0]?.pid;
    const first = await connection();
    proxy.sever('');
    await expect(connection()).rejects.toThrow('The database did not answer');
    proxy.sever('nothing more');
    expect(await connection()).not.toBe(first);
    await db.destroy();
  }, 40_000);
});
