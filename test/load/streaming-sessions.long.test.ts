import { expect, test } from 'vitest';
import { PostgresServer } from '../support/postgres-server.js';
import { runLoad } from './load-run.js';

const LOAD = {
  sessions: Number(process.env['LOAD_SESSIONS'] ?? 200),
  seconds: Number(process.env['LOAD_SECONDS'] ?? 60),
  seed: Number(process.env['LOAD_SEED'] ?? 20_260_728),
};
const TIMEOUT = 20 * 60_000;
/** Bytes: caches of names, tokens and policies may grow, calls may not stay. */
const MOST_GROWTH = 64 * 1024 * 1024;

/** What a run leaves behind where every rule held. */
const UNHARMED = { violations: [], stray: [], sharedHomes: [], abandoned: [], unpaired: [], verified: 0 };

const what = `${LOAD.sessions} sessions for ${LOAD.seconds} s, LOAD_SEED=${LOAD.seed}`;

test(`SQLite: ${what}`, { timeout: TIMEOUT }, async () => {
  const report = await runLoad(LOAD);
  expect(report).toMatchObject({ ...UNHARMED, after: report.before });
  expect(report.heapGrowth).toBeLessThan(MOST_GROWTH);
});

test.skipIf(PostgresServer.installed() === undefined)(`PostgreSQL: ${what}`, { timeout: TIMEOUT }, async () => {
  await using postgres = await PostgresServer.start();
  const report = await runLoad({ ...LOAD, database: await postgres.createDatabase() });
  expect(report).toMatchObject({ ...UNHARMED, after: report.before });
  expect(report.heapGrowth).toBeLessThan(MOST_GROWTH);
});
