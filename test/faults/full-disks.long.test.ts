import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { BlockDevice } from '../support/block-device.js';
import { fillUp } from '../support/fill-up.js';
import type { Engine } from '../support/installation.js';
import { PostgresServer } from '../support/postgres-server.js';
import { Random } from '../support/random.js';
import { aftermath, UNHARMED } from './aftermath.js';
import { TestbedOnDevice } from './testbed-on-device.js';

const ROUNDS = Number(process.env['DISK_ROUNDS'] ?? 6);
const SEED = Number(process.env['DISK_SEED'] ?? 20_261_124);
const FAULT = BlockDevice.fault();
const ENGINES: readonly Engine[] = PostgresServer.installed() === undefined ? ['sqlite'] : ['sqlite', 'postgres'];
const DISK_MEBIBYTES = 320;
const MOST_ANSWERS = 8;
/** Milliseconds of real time that the disk stays full after everyone was refused. */
const SPREAD = 500;

test.skipIf(FAULT !== undefined).each(ENGINES)(
  `%s: a disk that is full ${ROUNDS} times, DISK_SEED=${SEED}${FAULT === undefined ? '' : ` (${FAULT})`}`,
  async (engine) => {
    await using on = await TestbedOnDevice.open(engine, SEED, DISK_MEBIBYTES);
    const { testbed, device, postgres } = on;
    const { apps } = testbed;
    const random = new Random(SEED);
    const fill = join(device.folder, 'fill');
    for (let round = 1; round <= ROUNDS; round += 1) {
      await random.of(apps).answered(1 + random.below(MOST_ANSWERS));
      fillUp(fill);
      await Promise.all(apps.map((app) => app.refused()));
      await wait(random.below(SPREAD));
      rmSync(fill);
      // PostgreSQL ends itself where it has no room for its log; whoever runs it starts it again.
      if (postgres?.isRunning === false) await postgres.restart();
      await on.succeeding();
      await on.verify();
    }
    expect(await aftermath(testbed)).toEqual(UNHARMED);
  },
);
