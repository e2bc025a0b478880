import { join } from 'node:path';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { openPostgresForMigration } from '../dialects/postgres.js';
import { openSqlite } from '../dialects/sqlite.js';
import { onEachEngine } from '../testing/engines.js';
import { TestDatabase } from '../testing/test-database.js';
import { migrate, MIGRATIONS } from './migrate.js';

const MARCH = '019cf1d0-0000-7000-8000-00000000000';
const PLACES = 'select distinct tableoid::regclass::text as place from audit_payloads order by place';
const BEFORE = Object.fromEntries(Object.entries(MIGRATIONS).filter(([name]) => name < '015'));

onEachEngine((engine) => {
  test('what is personal keeps its bytes and gets its kind, also where the index has lost a record', async () => {
    await using database = await TestDatabase.empty(engine);
    const { directory, location } = database;
    const db = engine === 'sqlite' ? openSqlite(join(directory, 'test.db')) : await openPostgresForMigration(location);
    await migrate(db, BEFORE);
    const types = ['tool.call', 'list', 'auth.sign-in', 'connection.make', 'connection.read', 'grant.give'];
    for (const [at, type] of types.entries()) {
      const row = { record_id: `${MARCH}${at}`, ts: 1, type, phase: 'event' };
      await db.insertInto('audit_index').values(row).execute();
      await sql`insert into audit_payloads (record_id, subject, sealed) values (${row.record_id}, 'usr_1', ${Buffer.from([at])})`.execute(
        db,
      );
    }
    await sql`insert into audit_payloads (record_id, subject, sealed) values (${`${MARCH}9`}, 'usr_1', ${Buffer.from([9])})`.execute(
      db,
    );
    await migrate(db);
    const rows = await db.selectFrom('audit_payloads').selectAll().orderBy('record_id').execute();
    expect(rows.map(({ record_id: id, kind, subject, sealed }) => [id.slice(-1), kind, subject, sealed[0]])).toEqual([
      ['0', 'calls', 'usr_1', 0],
      ['1', 'lists', 'usr_1', 1],
      ['2', 'identity', 'usr_1', 2],
      ['3', 'identity', 'usr_1', 3],
      ['4', 'administration', 'usr_1', 4],
      ['5', 'administration', 'usr_1', 5],
      ['9', 'administration', 'usr_1', 9],
    ]);
    const places = engine === 'sqlite' ? 'select 0 as place' : PLACES;
    expect((await sql.raw<{ place: string }>(places).execute(db)).rows.map(({ place }) => place)).toEqual(
      engine === 'sqlite'
        ? [0]
        : [
            'audit_payloads_administration_2026_03',
            'audit_payloads_calls_2026_03',
            'audit_payloads_identity_2026_03',
            'audit_payloads_lists_2026_03',
          ],
    );
    await db.destroy();
  });
});
