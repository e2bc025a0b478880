import { expect, test } from 'vitest';
import { PostgresServer } from '../support/postgres-server.js';
import { Random } from '../support/random.js';
import { aftermath, UNHARMED } from './aftermath.js';
import { faultLoop } from './fault-loop.js';
import { Testbed } from './testbed.js';
import { victimsOf } from './victims.js';

const ROUNDS = Number(process.env['FAULT_ROUNDS'] ?? 12);
const SEED = Number(process.env['FAULT_SEED'] ?? 20_260_728);
const TIMEOUT = 120_000 + ROUNDS * 10_000;

test(`SQLite: ${ROUNDS} kills, FAULT_SEED=${SEED}`, { timeout: TIMEOUT }, async () => {
  expect(await run()).toEqual(UNHARMED);
});

test.skipIf(PostgresServer.installed() === undefined)(
  `PostgreSQL: ${ROUNDS} kills, FAULT_SEED=${SEED}`,
  { timeout: TIMEOUT },
  async () => {
    await using postgres = await PostgresServer.start();
    expect(await run(postgres)).toEqual(UNHARMED);
  },
);

async function run(postgres?: PostgresServer): Promise<Awaited<ReturnType<typeof aftermath>>> {
  await using testbed = await Testbed.open(SEED, postgres);
  for (const app of testbed.apps) app.start();
  await faultLoop(testbed, victimsOf(testbed, postgres), ROUNDS, new Random(SEED));
  // Awaited here: the testbed ends with this block.
  return await aftermath(testbed);
}
