import type { Kysely } from 'kysely';
import { expect, test } from 'vitest';
import { openDatabase } from '../open-database.js';
import type { Database } from '../schema.js';
import { onEachEngine } from '../testing/engines.js';
import { openTestStorage } from '../testing/open-storage.js';
import { TestDatabase } from '../testing/test-database.js';
import { migrate, MIGRATIONS } from './migrate.js';
import { checkSchema } from './schema-check.js';

async function damaged(...[engine, statement]: [Parameters<typeof TestDatabase.empty>[0], string]) {
  const database = await TestDatabase.empty(engine);
  const { location, directory } = database;
  await (await openDatabase(location, directory)).destroy();
  await database.run(statement);
  return database;
}

async function half(db: Kysely<Database>): Promise<void> {
  await db.schema.createTable('half_made').addColumn('id', 'text').execute();
}

/** In memory, where migrations are tried out, there is no record of them. */
async function failsOutsideOfMemory(db: Kysely<Database>): Promise<void> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (tables.some(({ name }) => name === 'kysely_migration')) throw new Error('no luck');
}

onEachEngine((engine) => {
  test('a new database gets its schema, and an old one is left as it is', async () => {
    await using database = await TestDatabase.empty(engine);
    for (let start = 0; start < 2; start += 1) {
      await (await openDatabase(database.location, database.directory)).destroy();
    }
    expect(await database.query('select name from kysely_migration order by name')).toEqual([
      { name: '001-first-light' },
      { name: '002-first-light-holds' },
      { name: '003-identity' },
      { name: '004-sign-in-cutoffs' },
      { name: '005-policy' },
      { name: '006-credentials' },
      { name: '007-idp-tokens' },
      { name: '008-unanswered-checks' },
      { name: '009-audit-search' },
      { name: '010-audit-tree' },
      { name: '011-audit-export' },
      { name: '012-erasure' },
      { name: '013-started-settings' },
      { name: '014-legal-holds' },
      { name: '015-audit-retention' },
      { name: '016-audit-intents' },
    ]);
  });

  test.each([
    [
      "insert into kysely_migration (name, timestamp) values ('999-next-year', '2027')",
      'The database was written by a newer version of mcp-sso (999-next-year). Run that version, or restore a backup from before the upgrade.',
    ],
    [
      'drop table dpop_proofs',
      'The database is damaged: the table dpop_proofs is missing. Restore the whole of it from a backup.',
    ],
    [
      'alter table sessions drop column acr',
      'The database is damaged: the column sessions.acr is missing. Restore the whole of it from a backup.',
    ],
    [
      'drop table kysely_migration',
      'The database is damaged: the table persons is there, but no record of the migration that makes it. Restore the whole of it from a backup.',
    ],
    [
      "delete from kysely_migration where name = '002-first-light-holds'",
      expect.stringMatching(
        /^The database is damaged: the \w+ \S+ is there, but no record of the migration that makes it\./,
      ),
    ],
  ])('after "%s" it is refused in words, and not touched', async (statement, message) => {
    await using database = await damaged(engine, statement);
    for (let start = 0; start < 2; start += 1) {
      await expect(openDatabase(database.location, database.directory)).rejects.toMatchObject({
        code: 'config_invalid',
        message,
      });
    }
  });

  test('a migration that fails leaves nothing of itself behind', async () => {
    await using opened = await openTestStorage(engine);
    const { db } = opened.storage;
    const migrations = { ...MIGRATIONS, '998-half': { up: half }, '999-fails': { up: failsOutsideOfMemory } };
    await expect(migrate(db, migrations)).rejects.toThrow(
      'The database schema cannot be brought up to date: no luck. Nothing was changed; restore a backup, or run the version of mcp-sso that wrote it.',
    );
    await checkSchema(db, migrations);
    await expect(opened.database.query('select * from half_made')).rejects.toThrow(/half_made/);
  });

  test('tables of other programs in the same database are theirs', async () => {
    await using database = await damaged(engine, 'create table invoices (id integer)');
    await (await openDatabase(database.location, database.directory)).destroy();
    expect(await database.query('select * from invoices')).toEqual([]);
  });
});
