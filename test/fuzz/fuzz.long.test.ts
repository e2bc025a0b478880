import { expect, test } from 'vitest';
import { fuzzBridges } from './bridge-run.js';
import { fuzzGateway } from './gateway-run.js';
import { fuzzSettings, timeoutFor } from './settings.js';
import { Stand } from './stand.js';
import { UNHARMED } from './unharmed.js';

const SETTINGS = fuzzSettings(10_000);
const OPTIONS = { timeout: timeoutFor(SETTINGS) };
const WHAT = `${SETTINGS.messages} messages, FUZZ_SEED=${SETTINGS.seed}`;

test(`the gateway: ${WHAT}`, OPTIONS, async () => {
  await using stand = await Stand.open();
  expect(await fuzzGateway(stand, SETTINGS)).toEqual(UNHARMED);
});

test(`the bridge: ${WHAT}`, OPTIONS, async () => {
  await using stand = await Stand.open();
  expect(await fuzzBridges(stand, SETTINGS)).toEqual(UNHARMED);
});
