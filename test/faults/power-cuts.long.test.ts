import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { BlockDevice } from '../support/block-device.js';
import type { Engine } from '../support/installation.js';
import { PostgresServer } from '../support/postgres-server.js';
import { Random } from '../support/random.js';
import { aftermath, UNHARMED } from './aftermath.js';
import { TestbedOnDevice } from './testbed-on-device.js';

const ROUNDS = Number(process.env['POWER_ROUNDS'] ?? 8);
const SEED = Number(process.env['POWER_SEED'] ?? 20_261_124);
const FAULT = BlockDevice.fault();
const ENGINES: readonly Engine[] = PostgresServer.installed() === undefined ? ['sqlite'] : ['sqlite', 'postgres'];
const DISK_MEBIBYTES = 320;
const MOST_ANSWERS = 8;
/** Milliseconds of real time that spread the cuts over the life of a call, and of a commit. */
const SPREAD = 30;

test.skipIf(FAULT !== undefined).each(ENGINES)(
  `%s: ${ROUNDS} power cuts, POWER_SEED=${SEED}${FAULT === undefined ? '' : ` (${FAULT})`}`,
  async (engine) => {
    await using on = await TestbedOnDevice.open(engine, SEED, DISK_MEBIBYTES);
    const { testbed, device, postgres } = on;
    const { stack, apps } = testbed;
    const random = new Random(SEED);
    // What makes the folder of a new PostgreSQL does not wait for the disk.
    if (postgres !== undefined) device.synchronise();
    for (let round = 1; round <= ROUNDS; round += 1) {
      await random.of(apps).answered(1 + random.below(MOST_ANSWERS));
      await wait(random.below(SPREAD));
      device.cutPower();
      await Promise.all([stack.stopControlPlane('SIGKILL'), postgres?.kill9()]);
      device.powerUp();
      await postgres?.restart();
      await stack.startControlPlane();
      await on.succeeding();
      await on.verify();
    }
    expect(await aftermath(testbed)).toEqual(UNHARMED);
  },
);
