import { describe, expect, it, test } from 'vitest';
import { BRIDGE, GATEWAY } from './differences.js';
import { REQUIREMENTS } from './requirements.js';
import { compareWays, COMPARISON_TIMEOUT, SAME_WAY } from './same-way.js';
import { useStand } from './stand.js';
import { checkServer } from './suite.js';

const stand = useStand();
/** An extension that the fixture does not have; its scenarios fail the same way everywhere. */
const NOT_IN_THE_FIXTURE = /^tasks-/;
const LONG = { timeout: COMPARISON_TIMEOUT };

describe.each(REQUIREMENTS)('the requirements of %s', (requirements) => {
  it('are met by the fixture itself', LONG, async () => {
    const direct = await checkServer(stand().fixture.direct, requirements);
    const failed = [...direct].filter(([check, { status }]) => status === 'FAILURE' && !NOT_IN_THE_FIXTURE.test(check));
    expect(failed).toEqual([]);
  });

  it('are met through the gateway in the same way', LONG, async () => {
    const { direct, gateway } = stand().fixture;
    expect(await compareWays(direct, gateway, requirements, GATEWAY)).toEqual(SAME_WAY);
  });
});

test('the requirements of 2026-07-28 are met through the bridge in the same way', LONG, async () => {
  const { direct, bridge } = stand().fixture;
  expect(await compareWays(direct, bridge, '2026-07-28', BRIDGE)).toEqual(SAME_WAY);
});
