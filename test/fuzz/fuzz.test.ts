import { expect, test } from 'vitest';
import { fuzzBridges } from './bridge-run.js';
import { fuzzGateway } from './gateway-run.js';
import { fuzzSettings, timeoutFor } from './settings.js';
import { Stand } from './stand.js';
import { UNHARMED } from './unharmed.js';

const SETTINGS = fuzzSettings(240);

test(
  `the gateway and the bridge: ${SETTINGS.messages} messages each, FUZZ_SEED=${SETTINGS.seed}`,
  { timeout: timeoutFor(SETTINGS) },
  async () => {
    await using stand = await Stand.open();
    expect(await fuzzGateway(stand, SETTINGS)).toEqual(UNHARMED);
    expect(await fuzzBridges(stand, SETTINGS)).toEqual(UNHARMED);
  },
);
