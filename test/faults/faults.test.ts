import { expect, test } from 'vitest';
import { Laptop } from '../../demo/walk/laptop.js';
import { searchWholeAudit } from '../support/audit.js';
import { signInAsAuditor } from '../support/person.js';
import { PostgresServer } from '../support/postgres-server.js';
import { allEnded, processesWith } from '../support/processes.js';
import { faultLoop } from './fault-loop.js';
import { Random } from '../support/random.js';
import { receivedCalls } from './received-calls.js';
import { Testbed } from './testbed.js';
import { victimsOf } from './victims.js';
import { violations } from './violations.js';

const ROUNDS = Number(process.env['FAULT_ROUNDS'] ?? 12);
const SEED = Number(process.env['FAULT_SEED'] ?? 20_260_728);
const TIMEOUT = 120_000 + ROUNDS * 10_000;
/** Of a list that may be long when all goes wrong. */
const SHOWN = 20;

/** What a run leaves behind where every rule held. */
const UNHARMED = { violations: [], stray: [], verified: 0, processes: [] };

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

async function run(postgres?: PostgresServer): Promise<Record<keyof typeof UNHARMED, unknown>> {
  await using testbed = await Testbed.open(SEED, postgres);
  const { stack, apps, received, mark } = testbed;
  for (const app of apps) app.start();
  await faultLoop(testbed, victimsOf(testbed, postgres), ROUNDS, new Random(SEED));
  await Promise.all(apps.map((app) => app.finish()));

  const intents = await searchWholeAudit(stack, await signInAsAuditor(stack), { type: 'tool.call' });
  const calls = apps.flatMap((app) => app.calls);
  const dave = new Laptop('dave', stack.folder);
  await dave.login(stack.addresses.publicUrl);
  const { code } = await dave.run('audit', 'verify');

  const hosted = processesWith(mark);
  await stack.stopControlPlane('SIGKILL');
  await allEnded(hosted);
  await testbed.stop();
  return {
    violations: violations(calls, receivedCalls(received), intents).slice(0, SHOWN),
    stray: apps.flatMap((app) => app.stray),
    verified: code,
    processes: processesWith(stack.folder),
  };
}
