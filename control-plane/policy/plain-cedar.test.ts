import { expect, test } from 'vitest';
import { compareWithPlainCedar } from './testing/plain-cedar/compare.js';

/** Of policies, with ten inputs each; `test/load/plain-cedar.long.test.ts` takes 1,000. */
const SETS = 200;

test(
  'cached, sliced and for lists: what is answered is what plain Cedar answers over all policies',
  { timeout: 300_000 },
  () => {
    const seen = compareWithPlainCedar(SETS);
    expect([seen.allow + seen.deny, Math.min(...Object.values(seen)) > 100]).toEqual([2_000, true]);
  },
);
