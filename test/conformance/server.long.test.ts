import { expect, test } from 'vitest';
import { BRIDGE, EVERYTHING, LEGACY_GATEWAY } from './differences.js';
import { compareWays, SAME_WAY } from './same-way.js';
import { useStand } from './stand.js';
import { checkServer } from './suite.js';

// The rest of what server.test.ts begins: an older revision takes its time.
const LEGACY = '2025-11-25';
const stand = useStand();

test(`the requirements of ${LEGACY} are met through the bridge in the same way`, async () => {
  const { direct, bridge } = stand().fixture;
  expect(await compareWays(direct, bridge, LEGACY, BRIDGE)).toEqual(SAME_WAY);
});

test(`a server that speaks only ${LEGACY} meets them`, async () => {
  const alone = await checkServer(stand().legacyFixture.direct, LEGACY);
  expect([...alone].filter(([, { status }]) => status === 'FAILURE')).toEqual([]);
});

test(`a server that speaks only ${LEGACY} meets them through the gateway in the same way`, async () => {
  const { direct, gateway } = stand().legacyFixture;
  expect(await compareWays(direct, gateway, LEGACY, LEGACY_GATEWAY)).toEqual(SAME_WAY);
});

test(`server-everything does through the gateway as without it`, async () => {
  const { direct, gateway } = stand().everything;
  expect(await compareWays(direct, gateway, LEGACY, EVERYTHING)).toEqual(SAME_WAY);
});
