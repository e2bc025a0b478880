import { describe, expect, it } from 'vitest';
import { differences, lastingDifferences } from './compare.js';
import { BRIDGE, GATEWAY } from './differences.js';
import { useStand } from './stand.js';
import { checkServer, REQUIREMENTS } from './suite.js';

const stand = useStand();
const ACCEPTED = { gateway: GATEWAY, bridge: BRIDGE };
/** An extension that the fixture does not have; its scenarios fail the same way everywhere. */
const NOT_IN_THE_FIXTURE = /^tasks-/;
const TIMEOUT_MS = 10 * 60_000;

describe.each(REQUIREMENTS)('the requirements of %s', (requirements) => {
  it('are met by the fixture itself', { timeout: TIMEOUT_MS }, async () => {
    const direct = await checkServer(stand().direct, requirements);
    const failed = [...direct].filter(([check, { status }]) => status === 'FAILURE' && !NOT_IN_THE_FIXTURE.test(check));
    expect(failed).toEqual([]);
  });

  it.each(['gateway', 'bridge'] as const)(
    'are met through the %s in the same way',
    { timeout: TIMEOUT_MS },
    async (way) => {
      const accepted = ACCEPTED[way].filter((entry) => entry.requirements === requirements).map(({ check }) => check);
      const seen = new Set<string>();
      const unexpected = await lastingDifferences(async () => {
        const direct = await checkServer(stand().direct, requirements);
        const found = differences(direct, await checkServer(stand()[way], requirements));
        for (const { check } of found) seen.add(check);
        return found.filter(({ check }) => !accepted.includes(check));
      });
      expect(unexpected).toEqual([]);
      expect(accepted.filter((check) => !seen.has(check))).toEqual([]);
    },
  );
});
