import { expect, test } from 'vitest';
import { compareWithPlainCedar } from '../../control-plane/policy/testing/plain-cedar/compare.js';

const SETS = 1_000;

test('10,000 times, what is answered from slices and from memory is what plain Cedar answers over all policies', () => {
  const seen = compareWithPlainCedar(SETS);
  expect([seen.allow + seen.deny, Math.min(...Object.values(seen)) > 500]).toEqual([10_000, true]);
});
