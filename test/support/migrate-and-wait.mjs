// Runs the control plane's migrations and one more that never ends, in one transaction: node migrate-and-wait.mjs DIST LOCATION.
// Says `waiting` once the schema has been changed and nothing is committed.
import { setInterval } from 'node:timers';
import { pathToFileURL } from 'node:url';

const [dist = '', location = ''] = process.argv.slice(2);
const storage = pathToFileURL(`${dist}/control-plane/storage/`).href;
const { openSqlite } = await import(`${storage}dialects/sqlite.js`);
const { openPostgresForMigration } = await import(`${storage}dialects/postgres.js`);
const { migrate, MIGRATIONS } = await import(`${storage}migrations/migrate.js`);

async function wait(db) {
  // Migrations are first tried out in memory, where there is no record of them.
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some(({ name }) => name === 'kysely_migration')) return;
  await db.schema.createTable('half_made').addColumn('id', 'text').execute();
  process.stdout.write('waiting\n');
  setInterval(() => undefined, 60_000);
  await new Promise(() => undefined);
}

const db = location.startsWith('postgres:') ? await openPostgresForMigration(location) : openSqlite(location);
await migrate(db, { ...MIGRATIONS, '999-wait': { up: wait } });
